/// All that threads race for in a future, in one word: how far it has come, and who wants to hear of it.
///
/// Each event is a pure function from the word as it is to the word as it shall be, nil where the event no longer
/// applies. The future applies events by compare-and-swap, so exactly one of several racing events wins; what the
/// winner has to do then is in the flags of the word that it replaced.
package struct FutureWord: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt32

  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package init(_ phase: Phase) { rawValue = phase.rawValue }

  /// How far the future has come; from `deferred` on it is done.
  package enum Phase: UInt32, Sendable {
    case pending
    case running
    /// One completer has won and is writing the outcome.
    case claimed
    /// The outcome is there as a thunk.
    case deferred
    /// One reader is turning the thunk into the result.
    case decoding
    case succeeded
    case failed
    case cancelled
  }

  /// A wish that somebody left in the word.
  package struct Flags: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Threads sleep on the word.
    package static let sleepers = Flags(rawValue: 8)
    /// There are observers, to be told when the future is done.
    package static let observed = Flags(rawValue: 16)
    /// Somebody has the right to write the cancel hook; stays for ever.
    package static let hookTaken = Flags(rawValue: 32)
    /// The cancel hook is written; whoever ends the future takes it.
    package static let hookSet = Flags(rawValue: 64)
  }

  private static let phaseMask: UInt32 = 7

  package var phase: Phase {
    // Three bits, eight cases: never nil.
    Phase(rawValue: rawValue & Self.phaseMask)!
  }

  package func has(_ flag: Flags) -> Bool { rawValue & flag.rawValue != 0 }

  /// Whether the outcome is decided, be it a thunk still.
  package var isDone: Bool { rawValue & Self.phaseMask >= Phase.deferred.rawValue }

  /// Whether the outcome can be read.
  package var isSettled: Bool { rawValue & Self.phaseMask >= Phase.succeeded.rawValue }

  private var isOpen: Bool { rawValue & Self.phaseMask <= Phase.running.rawValue }

  private func with(_ flag: Flags) -> FutureWord { FutureWord(rawValue: rawValue | flag.rawValue) }

  private func moved(to phase: Phase, dropping flags: Flags = []) -> FutureWord {
    FutureWord(rawValue: rawValue & ~(Self.phaseMask | flags.rawValue) | phase.rawValue)
  }
}

// The events.
extension FutureWord {
  package func start() -> FutureWord? { phase == .pending ? moved(to: .running) : nil }

  package func claim() -> FutureWord? { isOpen ? moved(to: .claimed) : nil }

  package func cancel() -> FutureWord? { isOpen ? ended(as: .cancelled) : nil }

  /// The claimer or decoder, who alone may do this, makes its outcome known.
  package func publish(_ phase: Phase) -> FutureWord? { ended(as: phase) }

  package func decode() -> FutureWord? { phase == .deferred ? moved(to: .decoding) : nil }

  /// A thread is about to sleep until the future is settled.
  package func sleep() -> FutureWord? { isSettled ? nil : with(.sleepers) }

  package func observe() -> FutureWord? { isDone ? nil : with(.observed) }

  package func takeHook() -> FutureWord? { isDone || has(.hookTaken) ? nil : with(.hookTaken) }

  package func setHook() -> FutureWord? { isDone ? nil : with(.hookSet) }

  /// Wishes are granted once, by whoever replaced the word that held them.
  private func ended(as phase: Phase) -> FutureWord {
    moved(to: phase, dropping: [.sleepers, .observed, .hookSet])
  }
}
