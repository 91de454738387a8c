public import ParallelCore

extension Command {
  /// Runs the command to its end, by blocking the thread.
  ///
  /// ```swift
  /// guard try Command("rsync", ["-a", source, target]).run(timeout: .seconds(3600)) == .exited(0) else { … }
  /// ```
  ///
  /// - Parameters:
  ///   - timeout: How long it may take; then it is killed with all that it has started. Nil for as long as it takes.
  ///   - fileID: Where a debug build reports the call if it blocks a thread that Swift tasks share.
  ///   - line: The line in that file.
  /// - Returns: How it ended.
  /// - Throws: ``CommandError`` when it could not be started or took too long; `CancellationError` when the thread's
  ///   `CancellationToken` was cancelled, after it was killed with all that it has started.
  @available(*, noasync, message: "this would block a thread that Swift tasks share; await run(timeout:)")
  public func run(
    timeout: Duration? = nil, fileID: StaticString = #fileID, line: UInt = #line
  ) throws -> ProcessExitStatus {
    BlockingCheck.aboutToPark(fileID: fileID, line: line)
    return try finish(timeout: timeout).status
  }

  /// Runs the command to its end, while the task is suspended.
  ///
  /// - Parameter timeout: How long it may take; then it is killed with all that it has started. Nil for as long as it
  ///   takes.
  /// - Returns: How it ended.
  /// - Throws: ``CommandError`` when it could not be started or took too long; `CancellationError` when the task was
  ///   cancelled, after it was killed with all that it has started.
  public func run(timeout: Duration? = nil) async throws -> ProcessExitStatus {
    try await CommandThread.run { try finish(timeout: timeout).status }
  }

  /// Runs the command to its end, by blocking the thread, and throws unless it exits with code 0.
  ///
  /// - Parameters:
  ///   - timeout: How long it may take; then it is killed with all that it has started. Nil for as long as it takes.
  ///   - fileID: Where a debug build reports the call if it blocks a thread that Swift tasks share.
  ///   - line: The line in that file.
  /// - Throws: As ``run(timeout:fileID:line:)``; and ``CommandError`` with the reason
  ///   ``CommandError/Reason/failed(_:)`` when it ended otherwise.
  @available(*, noasync, message: "this would block a thread that Swift tasks share; await check(timeout:)")
  public func check(timeout: Duration? = nil, fileID: StaticString = #fileID, line: UInt = #line) throws {
    BlockingCheck.aboutToPark(fileID: fileID, line: line)
    try finish(timeout: timeout).checked()
  }

  /// Runs the command to its end, while the task is suspended, and throws unless it exits with code 0.
  ///
  /// - Parameter timeout: How long it may take; then it is killed with all that it has started. Nil for as long as it
  ///   takes.
  /// - Throws: As ``run(timeout:)``; and ``CommandError`` with the reason ``CommandError/Reason/failed(_:)`` when it ended
  ///   otherwise.
  public func check(timeout: Duration? = nil) async throws {
    try await CommandThread.run {
      _ = try finish(timeout: timeout).checked()
    }
  }

  func finish(
    capturing streams: CapturedStreams = [], limit: CaptureLimit = .unlimited, timeout: Duration?
  ) throws -> CapturedOutput {
    try StopBell.listening { bell in
      try CommandRun(self, capturing: streams, limit: limit, timeout: timeout, bell).finish()
    }
  }
}
