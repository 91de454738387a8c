import ParallelCore

// The door for tasks. Each call has its twin for threads in WorkerThread+Joining.swift.
extension WorkerThread {
  /// What the body returned, when the thread has ended. Cancelling the task that waits here cancels the
  /// thread too.
  ///
  /// For a thread with one reader, whose loss of interest should stop the work. Several that wait for the
  /// same thread call ``join(timeout:)``.
  ///
  /// - Throws: What ``join(timeout:)`` throws.
  public var value: Value {
    get async throws {
      try await withTaskCancellationHandler {
        try await join()
      } onCancel: {
        cancel()
      }
    }
  }

  /// Waits until the thread has ended, suspends the task meanwhile, and returns what the body returned.
  ///
  /// Cancelling the waiting task ends the wait and leaves the thread as it is.
  ///
  /// - Parameter timeout: How long to wait at most; nil waits for ever, zero or less takes what is there. The
  ///   thread goes on when the time is over.
  /// - Throws: The error that the body threw; `CancellationError` when the waiting task was cancelled;
  ///   ``ParallelError`` with the codes `timedOut` and `misuse`, as ``join(timeout:fileID:line:)`` does.
  @discardableResult
  public func join(timeout: Duration? = nil) async throws -> Value {
    try checkJoin()
    guard try await handle.waitForEnd(until: Deadline(timeout: timeout)) else {
      throw ParallelError.joinTimedOut(handle, timeout)
    }
    return try outcome()
  }
}
