package import ParallelCore

/// Somebody who has something better to do than sleep while a thread waits for a future: what brings the result nearer.
///
/// A future of the process pool has the pool as its helper: the thread that waits reads the workers' results itself,
/// which saves waking one thread in order to wake another.
package protocol WaitHelper: AnyObject, Sendable {
  /// Called on a thread that is about to block. Returns when the future is done or the deadline has passed, or when there
  /// is nothing to help with; the thread then sleeps in the ordinary way.
  func help(_ future: any HelpedFuture, until deadline: Deadline)

  /// Somebody begins to wait without a thread that could help.
  func somebodyWaits()
}

/// A future, as a helper sees it.
package protocol HelpedFuture: AnyObject {
  /// Whether there is a result, or never will be.
  var isDone: Bool { get }

  /// Sleeps until the future is done, one of the words was changed and woken, or the deadline has passed; may return
  /// early. False where the kernel can't do that.
  func sleep(besides words: [Futex.SharedWord], until deadline: Deadline) -> Bool
}
