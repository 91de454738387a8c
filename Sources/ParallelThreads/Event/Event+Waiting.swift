import ParallelCore

extension Event {
  /// Waits until the event is set, by blocking the thread.
  ///
  /// - Parameters:
  ///   - timeout: How long to wait at most; nil waits for ever, zero or less only looks.
  ///   - fileID: Where a debug build reports the call if it blocks a thread that Swift tasks share.
  ///   - line: The line in that file.
  /// - Returns: Whether it was set; false when the time was over first.
  /// - Throws: `CancellationError` when the thread's ``CancellationToken`` was cancelled first.
  @available(*, noasync, message: "this would block a thread that Swift tasks share; await wait(timeout:)")
  @discardableResult
  public func wait(
    timeout: Duration? = nil, fileID: StaticString = #fileID, line: UInt = #line
  ) throws(CancellationError) -> Bool {
    guard let waiter = enter() else { return true }
    return try room.park(waiter, until: Deadline(timeout: timeout), fileID: fileID, line: line)
  }

  /// Waits until the event is set, and suspends the task meanwhile.
  ///
  /// - Parameter timeout: How long to wait at most; nil waits for ever, zero or less only looks.
  /// - Returns: Whether it was set; false when the time was over first.
  /// - Throws: `CancellationError` when the task was cancelled first.
  @discardableResult
  public func wait(timeout: Duration? = nil) async throws(CancellationError) -> Bool {
    guard let waiter = enter() else { return true }
    return try await room.suspend(waiter, until: Deadline(timeout: timeout))
  }
}
