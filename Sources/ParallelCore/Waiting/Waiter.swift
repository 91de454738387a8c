public import Synchronization

/// How a wait ended.
public enum WaitEnd: Sendable, Hashable {
  /// What was waited for has come.
  case admitted
  case timedOut
  case cancelled
}

/// One thread's or one task's place in a ``WaitList``.
///
/// States: waiting → ended, once, under the lock of the room. Whoever ends a wait removes the waiter from its list in
/// the same step, and wakes it after the lock is released. The thread or task that waits owns nothing here but its
/// parking word and its continuation.
public final class Waiter<Request>: @unchecked Sendable {
  // Sendable: everything but `word` is touched only under the lock of the room that the waiter stands in. `request` and
  // `end` are read by the waiting thread or task after it was woken too: then nobody writes them any more.

  /// What is waited for; whoever ends the wait may leave its answer here.
  public var request: Request
  /// How the wait ended; nil while it lasts.
  public var end: WaitEnd?

  // The waiter's place: in the list while it waits, then in the chain of those to be woken.
  @usableFromInline var next: Waiter?
  @usableFromInline unowned(unsafe) var previous: Waiter?

  /// Of a task that has suspended; nil for threads, and for a task on its way there.
  @usableFromInline var continuation: UnsafeContinuation<Void, Never>?
  /// Where a thread sleeps; for a task, that it was woken.
  @usableFromInline let word = Atomic<UInt32>(ParkerWord.empty)

  /// A place that is not in a list yet.
  @inlinable
  public init(_ request: Request) { self.request = request }

  /// Sleeps until woken; false when the deadline came first.
  func park(until deadline: Deadline) -> Bool { word.parkerPark(until: deadline) }

  /// To be called by a task that was resumed, before it looks at how its wait ended.
  ///
  /// The runtime puts the two in order anyway; but when a task is resumed before it has quite suspended, it does so in
  /// a way that the thread sanitizer does not see.
  func seeWakeUp() { _ = word.load(ordering: .acquiring) }

  /// To be called once, by whoever took it out of the list, without the lock.
  func wake() {
    if let continuation {
      self.continuation = nil
      word.store(ParkerWord.woken, ordering: .releasing)
      continuation.resume()
    } else {
      word.parkerUnpark()
    }
  }
}

extension Waiter {
  /// For the one who waited, once the wait has ended: true when admitted, false when the time was over.
  func outcome() throws(CancellationError) -> Bool {
    switch end {
    case .admitted: return true
    case .timedOut: return false
    case .cancelled: throw CancellationError()
    case nil: preconditionFailure("a wait that has not ended has no outcome")
    }
  }
}
