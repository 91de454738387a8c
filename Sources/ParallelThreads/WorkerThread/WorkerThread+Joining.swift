internal import CParallel
import ParallelCore

// The door for threads. Each call has its twin for tasks in WorkerThread+Awaiting.swift.
extension WorkerThread {
  /// Waits by blocking the thread until this one has ended, and returns what its body returned.
  ///
  /// Any number of threads and tasks may wait, each as often as it likes.
  ///
  /// - Parameters:
  ///   - timeout: How long to wait at most; nil waits for ever, zero or less takes what is there. The thread
  ///     goes on when the time is over.
  ///   - fileID: Where a debug build reports the call if it blocks a thread that Swift tasks share.
  ///   - line: The line in that file.
  /// - Throws: The error that the body threw; `CancellationError` when the calling thread was cancelled;
  ///   ``ParallelError`` with the code `timedOut`; with the code `misuse` when this thread was not started,
  ///   is the calling one, was left behind by a `fork`, or was ended by `pthread_exit`.
  @available(*, noasync, message: "this would block a thread that Swift tasks share; await join(timeout:)")
  @discardableResult
  public func join(
    timeout: Duration? = nil, fileID: StaticString = #fileID, line: UInt = #line
  ) throws -> Value {
    try checkJoin()
    guard try handle.waitForEnd(until: Deadline(timeout: timeout), fileID: fileID, line: line) else {
      throw ParallelError.joinTimedOut(handle, timeout)
    }
    return try outcome()
  }

  func checkJoin() throws(ParallelError) {
    switch handle.phase {
    case .unstarted: throw ParallelError(.misuse, "\(handle) was not started, and can't be joined")
    case .leftBehind:
      throw ParallelError(.misuse, "\(handle) is a thread of the process that this one was forked from")
    case .running where handle.number == parallel_thread_number():
      throw ParallelError(.misuse, "\(handle) can't join itself: it would wait for ever")
    case .running, .ended: return
    }
  }

  /// Once the wait is over.
  func outcome() throws -> Value {
    if case .done(let result) = work.withLock({ $0 }) { return try result.get() }
    // The start that was under way when the wait began was refused.
    try checkJoin()
    throw ParallelError(.misuse, "\(handle) has no result: something called pthread_exit on it")
  }
}

extension ParallelError {
  static func joinTimedOut(_ thread: ThreadHandle, _ timeout: Duration?) -> ParallelError {
    let limit = timeout.map { " within \($0)" } ?? ""
    return ParallelError(.timedOut, "\(thread) did not end\(limit); it goes on")
  }
}
