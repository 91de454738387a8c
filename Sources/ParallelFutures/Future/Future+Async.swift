import ParallelCore

// The door for tasks. Each call has its twin for threads in Future+Blocking.swift.
extension Future {
  /// The value, when it is there. Cancelling the task that waits here cancels the future too.
  ///
  /// For a future that has one reader, whose loss of interest should stop the work. Several that wait for the same
  /// future call ``get(timeout:)``.
  ///
  /// - Throws: The error that the work failed with; `CancellationError` when the future was cancelled.
  public var value: Value {
    get async throws {
      try await suspend(until: .never, cancellation: .cancelsFuture)
      return try settledValue()
    }
  }

  /// Waits for the value and suspends the task meanwhile.
  ///
  /// Cancelling the waiting task ends the wait at once and leaves the future as it is, because others may wait for
  /// it; see ``value``.
  ///
  /// - Parameter timeout: How long to wait at most; nil waits for ever, zero or less takes what is there. The work
  ///   goes on when the time is over. A value that is there wins over a timeout and over cancellation.
  /// - Throws: The error that the work failed with; `CancellationError` when the future or the waiting task was
  ///   cancelled; ``ParallelError`` with the code `timedOut`.
  public func get(timeout: Duration? = nil) async throws -> Value {
    guard try await wait(timeout: timeout) else { throw ParallelError.futureTimedOut(timeout) }
    return try settledValue()
  }

  /// Waits for the result, and returns the work's error instead of throwing it.
  ///
  /// A future that was cancelled has the result `.failure(CancellationError())`. For the rest see ``get(timeout:)``.
  ///
  /// - Throws: `CancellationError` when the waiting task was cancelled; ``ParallelError`` with the code `timedOut`.
  public func result(timeout: Duration? = nil) async throws -> Result<Value, any Error> {
    guard try await wait(timeout: timeout) else { throw ParallelError.futureTimedOut(timeout) }
    return settledResult()
  }

  /// Waits until the future is done; false when the time was over first.
  ///
  /// Leaves the result where it is: neither throws the work's error nor decodes. For the parameter see
  /// ``get(timeout:)``.
  ///
  /// - Throws: `CancellationError` when the waiting task was cancelled.
  @discardableResult
  public func wait(timeout: Duration? = nil) async throws -> Bool {
    if isDone { return true }
    return try await suspend(until: Deadline(timeout: timeout), cancellation: .endsWait)
  }
}
