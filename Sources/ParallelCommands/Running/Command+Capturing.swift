import ParallelCore

extension Command {
  /// Runs the command to its end, by blocking the thread, and collects what it writes.
  ///
  /// ```swift
  /// let head = try Command("git", ["rev-parse", "HEAD"]).capture().checked().lines[0]
  /// ```
  ///
  /// It has ended when the process has, and when nobody holds its streams any more: a program that it left in the
  /// background and that writes to the same streams is waited for too, but not longer than `timeout`.
  ///
  /// - Parameters:
  ///   - streams: What to collect. A stream that the command itself sends elsewhere (``Command/output``,
  ///     ``Command/errors``) is not.
  ///   - limit: How many bytes are kept of each stream.
  ///   - timeout: How long it may take; then it is killed with all that it has started. Nil for as long as it takes.
  ///   - fileID: Where a debug build reports the call if it blocks a thread that Swift tasks share.
  ///   - line: The line in that file.
  /// - Returns: How it ended and what it wrote, whatever its exit code; see ``CapturedOutput/checked()``.
  /// - Throws: ``CommandError`` when it could not be started, took too long or wrote too much; the error has what it wrote
  ///   by then. `CancellationError` when the thread's `CancellationToken` was cancelled, after it was killed with all that
  ///   it has started.
  @available(*, noasync, message: "this would block a thread that Swift tasks share; await capture(…)")
  public func capture(
    _ streams: CapturedStreams = .both, limit: CaptureLimit = .unlimited, timeout: Duration? = nil,
    fileID: StaticString = #fileID, line: UInt = #line
  ) throws -> CapturedOutput {
    BlockingCheck.aboutToPark(fileID: fileID, line: line)
    return try finish(capturing: streams, limit: limit, timeout: timeout)
  }

  /// Runs the command to its end, while the task is suspended, and collects what it writes.
  ///
  /// - Parameters:
  ///   - streams: What to collect. A stream that the command itself sends elsewhere (``Command/output``,
  ///     ``Command/errors``) is not.
  ///   - limit: How many bytes are kept of each stream.
  ///   - timeout: How long it may take; then it is killed with all that it has started. Nil for as long as it takes.
  /// - Returns: How it ended and what it wrote, whatever its exit code; see ``CapturedOutput/checked()``.
  /// - Throws: ``CommandError`` when it could not be started, took too long or wrote too much; the error has what it wrote
  ///   by then. `CancellationError` when the task was cancelled, after it was killed with all that it has started.
  public func capture(
    _ streams: CapturedStreams = .both, limit: CaptureLimit = .unlimited, timeout: Duration? = nil
  ) async throws -> CapturedOutput {
    try await CommandThread.run { try finish(capturing: streams, limit: limit, timeout: timeout) }
  }
}
