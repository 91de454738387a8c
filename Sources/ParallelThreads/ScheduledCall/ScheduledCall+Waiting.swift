internal import CParallel
import ParallelCore

extension ScheduledCall {
  /// Waits until no call will follow and none is being made, by blocking the thread.
  ///
  /// - Parameters:
  ///   - timeout: How long to wait at most; nil waits for ever, zero or less only looks.
  ///   - fileID: Where a debug build reports the call if it blocks a thread that Swift tasks share.
  ///   - line: The line in that file.
  /// - Returns: Whether it is over; false when the time was over first.
  /// - Throws: `CancellationError` when the thread's ``CancellationToken`` was cancelled first; ``ParallelError`` with
  ///   the code `misuse` when called by the very body that it would wait for.
  @available(*, noasync, message: "this would block a thread that Swift tasks share; await wait(timeout:)")
  @discardableResult
  public func wait(
    timeout: Duration? = nil, fileID: StaticString = #fileID, line: UInt = #line
  ) throws -> Bool {
    if room.read({ state, _ in state.isCalled(by: parallel_thread_number()) }) {
      throw ParallelError(
        .misuse, "a scheduled call would wait for its own end; only cancel() it from its body")
    }
    guard let waiter = enter() else { return true }
    return try room.park(waiter, until: Deadline(timeout: timeout), fileID: fileID, line: line)
  }

  /// Waits until no call will follow and none is being made, and suspends the task meanwhile.
  ///
  /// - Parameter timeout: How long to wait at most; nil waits for ever, zero or less only looks.
  /// - Returns: Whether it is over; false when the time was over first.
  /// - Throws: `CancellationError` when the task was cancelled first.
  @discardableResult
  public func wait(timeout: Duration? = nil) async throws(CancellationError) -> Bool {
    guard let waiter = enter() else { return true }
    return try await room.suspend(waiter, until: Deadline(timeout: timeout))
  }

  private func enter() -> Waiter<Void>? { room.enter { $0.isOver ? nil : () } }
}
