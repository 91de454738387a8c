import ParallelCore

// The door for threads. Each call has its twin for tasks in Future+Async.swift.
extension Future {
  /// Waits for the value by blocking the thread.
  ///
  /// - Parameters:
  ///   - timeout: How long to wait at most; nil waits for ever, zero or less takes what is there. The work goes on
  ///     when the time is over. A value that is there wins over a timeout.
  ///   - fileID: Where a debug build reports the call if it blocks a thread that Swift tasks share.
  ///   - line: The line in that file.
  /// - Throws: The error that the work failed with; `CancellationError` when the future was cancelled; ``ParallelError``
  ///   with the code `timedOut`.
  @available(*, noasync, message: "this would block a thread that Swift tasks share; await get(timeout:)")
  public func get(
    timeout: Duration? = nil, fileID: StaticString = #fileID, line: UInt = #line
  ) throws -> Value {
    guard isDone || park(timeout, fileID, line) else { throw ParallelError.futureTimedOut(timeout) }
    return try settledValue()
  }

  /// Waits for the result by blocking the thread, and returns the work's error instead of throwing it.
  ///
  /// A future that was cancelled has the result `.failure(CancellationError())`. For the parameters see
  /// ``get(timeout:fileID:line:)``.
  ///
  /// - Throws: ``ParallelError`` with the code `timedOut`.
  @available(*, noasync, message: "this would block a thread that Swift tasks share; await result(timeout:)")
  public func result(
    timeout: Duration? = nil, fileID: StaticString = #fileID, line: UInt = #line
  ) throws(ParallelError) -> Result<Value, any Error> {
    guard isDone || park(timeout, fileID, line) else { throw ParallelError.futureTimedOut(timeout) }
    return settledResult()
  }

  /// Waits by blocking the thread until the future is done; false when the time was over first.
  ///
  /// Leaves the result where it is: neither throws the work's error nor decodes. For the parameters see
  /// ``get(timeout:fileID:line:)``.
  @available(*, noasync, message: "this would block a thread that Swift tasks share; await wait(timeout:)")
  @discardableResult
  public func wait(
    timeout: Duration? = nil, fileID: StaticString = #fileID, line: UInt = #line
  ) -> Bool {
    isDone || park(timeout, fileID, line)
  }

  @inline(never)
  private func park(_ timeout: Duration?, _ fileID: StaticString, _ line: UInt) -> Bool {
    let deadline = Deadline(timeout: timeout)
    if deadline.hasPassed { return isDone }
    BlockingCheck.aboutToPark(fileID: fileID, line: line)
    helper?.help(self, until: deadline)
    return sleep(until: deadline) { $0.isDone }
  }
}

extension ParallelError {
  static func futureTimedOut(_ timeout: Duration?) -> ParallelError {
    let limit = timeout.map { " within \($0)" } ?? ""
    return ParallelError(.timedOut, "the future had no result\(limit); its work goes on")
  }
}
