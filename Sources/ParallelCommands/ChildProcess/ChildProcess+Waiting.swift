public import ParallelCore
import ParallelThreads

extension ChildProcess {
  /// Waits until the process has ended, by blocking the thread.
  ///
  /// Source: `poll(2)` of a `pidfd_open(2)`, then `waitid(2)`.
  ///
  /// - Parameters:
  ///   - fileID: Where a debug build reports the call if it blocks a thread that Swift tasks share.
  ///   - line: The line in that file.
  /// - Returns: How it ended.
  /// - Throws: `CancellationError` when the thread's `CancellationToken` was cancelled first; the process goes on.
  @available(*, noasync, message: "this would block a thread that Swift tasks share; await wait()")
  @discardableResult
  public func wait(
    fileID: StaticString = #fileID, line: UInt = #line
  ) throws(CancellationError) -> ProcessExitStatus {
    try child.ended.wait(fileID: fileID, line: line)
    return statusAtEnd
  }

  /// Waits until the process has ended, by blocking the thread, at most so long.
  ///
  /// - Parameters:
  ///   - timeout: How long to wait at most; zero or less only looks.
  ///   - fileID: Where a debug build reports the call if it blocks a thread that Swift tasks share.
  ///   - line: The line in that file.
  /// - Returns: How it ended; nil if it has not when the time is over. It goes on then.
  /// - Throws: `CancellationError` when the thread's `CancellationToken` was cancelled first; the process goes on.
  @available(*, noasync, message: "this would block a thread that Swift tasks share; await wait(timeout:)")
  public func wait(
    timeout: Duration, fileID: StaticString = #fileID, line: UInt = #line
  ) throws(CancellationError) -> ProcessExitStatus? {
    if let status = poll() { return status }
    return try child.ended.wait(timeout: timeout, fileID: fileID, line: line) ? statusAtEnd : nil
  }

  /// Waits until the process has ended, and suspends the task meanwhile.
  ///
  /// - Returns: How it ended.
  /// - Throws: `CancellationError` when the task was cancelled first; the process goes on.
  @discardableResult
  public func wait() async throws(CancellationError) -> ProcessExitStatus {
    try await child.ended.wait()
    return statusAtEnd
  }

  /// Waits until the process has ended, at most so long, and suspends the task meanwhile.
  ///
  /// - Parameter timeout: How long to wait at most; zero or less only looks.
  /// - Returns: How it ended; nil if it has not when the time is over. It goes on then.
  /// - Throws: `CancellationError` when the task was cancelled first; the process goes on.
  public func wait(timeout: Duration) async throws(CancellationError) -> ProcessExitStatus? {
    if let status = poll() { return status }
    return try await child.ended.wait(timeout: timeout) ? statusAtEnd : nil
  }

  private var statusAtEnd: ProcessExitStatus { poll() ?? .unknown }
}
