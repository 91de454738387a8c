import Synchronization

/// What a thread wants of a ``ReadWriteLock``.
enum ReadWriteAccess: Sendable {
  case reading
  case writing
}

/// The state of a ``ReadWriteLock`` in one word. Design note: ReadWriteLock.md.
struct ReadWriteWord: RawRepresentable, AtomicRepresentable, Hashable, Sendable {
  var rawValue: UInt32

  static let free = ReadWriteWord(rawValue: 0)
  static let mostReaders: UInt32 = (1 << 28) - 1

  private static let writer: UInt32 = 1 << 31
  private static let line: UInt32 = 1 << 30
  private static let headWoken: UInt32 = 1 << 29
  private static let urgent: UInt32 = 1 << 28

  /// A writer holds the lock.
  var isWritten: Bool { rawValue & Self.writer != 0 }

  /// How many readers hold the lock.
  var readerCount: UInt32 { rawValue & Self.mostReaders }

  /// Somebody holds the lock.
  var isHeld: Bool { rawValue & (Self.writer | Self.mostReaders) != 0 }

  /// Somebody stands in the line.
  var hasLine: Bool {
    get { rawValue & Self.line != 0 }
    set { set(Self.line, newValue) }
  }

  /// The head of the line was woken, and has not looked yet.
  var isHeadWoken: Bool {
    get { rawValue & Self.headWoken != 0 }
    set { set(Self.headWoken, newValue) }
  }

  /// The head of the line was passed over too often: nobody goes before it any more.
  var isUrgent: Bool {
    get { rawValue & Self.urgent != 0 }
    set { set(Self.urgent, newValue) }
  }

  /// Woken and urgent was the head that leaves, not the one behind it.
  mutating func headLeaves(behind count: Int) {
    isHeadWoken = false
    isUrgent = false
    hasLine = count > 0
  }

  private mutating func set(_ bit: UInt32, _ isOn: Bool) {
    if isOn { rawValue |= bit } else { rawValue &= ~bit }
  }
}

extension ReadWriteWord {
  /// Whether those who hold the lock allow it.
  func admits(_ access: ReadWriteAccess) -> Bool { access == .reading ? !isWritten : !isHeld }

  /// Whether somebody who does not stand in the line may go in: a writer past sleepers, a reader past nobody.
  func admitsNewcomer(_ access: ReadWriteAccess) -> Bool {
    switch access {
    case .reading: !isWritten && !hasLine
    case .writing: !isHeld && !isUrgent
    }
  }

  /// The lock is free, and nobody is on the way to take it, but somebody sleeps.
  var mustWakeHead: Bool { hasLine && !isHeld && !isHeadWoken }

  func withWriter() -> ReadWriteWord { ReadWriteWord(rawValue: rawValue | Self.writer) }

  func withReaders(_ count: UInt32) -> ReadWriteWord {
    guard readerCount + count <= Self.mostReaders else {
      fatalError("a ReadWriteLock is held by at most \(Self.mostReaders) readers at once")
    }
    return ReadWriteWord(rawValue: rawValue + count)
  }

  /// One holder less; nil if nobody holds the lock that way.
  func without(_ access: ReadWriteAccess) -> ReadWriteWord? {
    switch access {
    case .reading: readerCount > 0 ? ReadWriteWord(rawValue: rawValue - 1) : nil
    case .writing: isWritten ? ReadWriteWord(rawValue: rawValue & ~Self.writer) : nil
    }
  }

  func entered(by access: ReadWriteAccess) -> ReadWriteWord {
    access == .reading ? withReaders(1) : withWriter()
  }
}
