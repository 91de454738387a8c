/// A frame that is used for one value after another.
protocol PooledFrame: AnyObject {
  /// The next frame in a list of spare ones.
  var nextSpare: Self? { get set }
}

/// What a session remembers of the types it meets: how the coder treats each, and the frames that served it.
///
/// A frame keeps the container it last handed out (see `ContainerBox`), which fits only the same type again; hence the
/// spare frames are listed by type. Two types that fall on the same entry displace each other.
struct TypeTable<Frame: PooledFrame> {
  struct Entry {
    var type: ObjectIdentifier?
    var special = SpecialType.none
    var spare: Frame?
  }

  private let entries: UnsafeMutablePointer<Entry>
  private static var entryCount: Int { 64 }

  init() {
    entries = .allocate(capacity: Self.entryCount)
    entries.initialize(repeating: Entry(), count: Self.entryCount)
  }

  /// Frees the memory; the table must not be used afterwards.
  func deallocate() {
    entries.deinitialize(count: Self.entryCount)
    entries.deallocate()
  }

  /// The entry of a type. What it says may change with every value that is coded.
  @inline(__always)
  func entry<T>(of type: T.Type) -> UnsafeMutablePointer<Entry> {
    let entry = place(of: ObjectIdentifier(type))
    if entry.pointee.type != ObjectIdentifier(type) { replace(entry, type) }
    return entry
  }

  @inline(__always)
  private func place(of type: ObjectIdentifier) -> UnsafeMutablePointer<Entry> {
    // Metadata is aligned, so the lowest bits say nothing.
    let bits = UInt(bitPattern: type)
    return entries + Int((bits >> 4 ^ bits >> 10) & UInt(Self.entryCount - 1))
  }

  @inline(never)
  private func replace<T>(_ entry: UnsafeMutablePointer<Entry>, _ type: T.Type) {
    removeSpares(of: entry)
    entry.pointee.type = ObjectIdentifier(type)
    entry.pointee.special = SpecialType(type)
  }
}

// MARK: - Spare frames

extension TypeTable {
  @inline(__always)
  static func takeSpare(from entry: UnsafeMutablePointer<Entry>) -> Frame? {
    guard let frame = entry.pointee.spare.take() else { return nil }
    entry.pointee.spare = frame.nextSpare.take()
    return frame
  }

  /// Keeps a frame for the next value of the type, unless the entry is another type's by now.
  @inline(__always)
  func addSpare(_ frame: consuming Frame, of type: ObjectIdentifier) {
    let entry = place(of: type)
    guard entry.pointee.type == type else { return }
    frame.nextSpare = entry.pointee.spare.take()
    entry.pointee.spare = frame
  }

  func removeSpares() {
    for index in 0..<Self.entryCount { removeSpares(of: entries + index) }
  }

  private func removeSpares(of entry: UnsafeMutablePointer<Entry>) {
    // One by one: a long list that went at once would release its links recursively.
    while Self.takeSpare(from: entry) != nil {}
  }
}
