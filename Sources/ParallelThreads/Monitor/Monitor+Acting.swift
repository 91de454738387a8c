import ParallelCore

extension Monitor {
  /// Waits until `condition` is true for the value, by blocking the thread, and then runs `body` with the lock held:
  /// nobody changes the value in between.
  ///
  /// - Parameters:
  ///   - condition: What to wait for; see ``Monitor``.
  ///   - timeout: How long to wait at most; nil waits for ever, zero or less looks once.
  ///   - fileID: Where a debug build reports the call if it blocks a thread that Swift tasks share.
  ///   - line: The line in that file.
  ///   - body: Reads or changes the value.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws; ``ParallelError`` with the code `timedOut`; `CancellationError` when the thread's
  ///   ``CancellationToken`` was cancelled first.
  @available(
    *, noasync, message: "this would block a thread that Swift tasks share; await withLock(when:timeout:)"
  )
  public func withLock<Result>(
    when condition: @escaping @Sendable (State) -> Bool, timeout: Duration? = nil,
    fileID: StaticString = #fileID, line: UInt = #line, _ body: (inout sending State) throws -> sending Result
  ) throws -> sending Result {
    let deadline = Deadline(timeout: timeout)
    var request = MonitorState.Request(condition: condition, isExclusive: true)
    while true {
      let place: Place
      switch try attempt(&request, mayWait: !deadline.hasPassed, fileID, line, body) {
      case .done(let result): return result
      case .notYet: throw ParallelError.conditionNotMet(timeout)
      case .waits(let new): place = new
      }
      defer { leave() }
      guard try room.park(place, until: deadline, fileID: fileID, line: line) else {
        throw ParallelError.conditionNotMet(timeout)
      }
    }
  }

  /// Waits until `condition` is true for the value, suspending the task, and then runs `body` with the lock held:
  /// nobody changes the value in between.
  ///
  /// - Parameters:
  ///   - condition: What to wait for; see ``Monitor``.
  ///   - timeout: How long to wait at most; nil waits for ever, zero or less looks once.
  ///   - body: Reads or changes the value.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws; ``ParallelError`` with the code `timedOut`; `CancellationError` when the task was
  ///   cancelled first.
  public func withLock<Result>(
    when condition: @escaping @Sendable (State) -> Bool, timeout: Duration? = nil,
    _ body: (inout sending State) throws -> sending Result
  ) async throws -> sending Result {
    let deadline = Deadline(timeout: timeout)
    var request = MonitorState.Request(condition: condition, isExclusive: true)
    while true {
      let place: Place
      switch try attempt(&request, mayWait: !deadline.hasPassed, #fileID, #line, body) {
      case .done(let result): return result
      case .notYet: throw ParallelError.conditionNotMet(timeout)
      case .waits(let new): place = new
      }
      defer { leave() }
      guard try await room.suspend(place, until: deadline) else {
        throw ParallelError.conditionNotMet(timeout)
      }
    }
  }
}

extension ParallelError {
  fileprivate static func conditionNotMet(_ timeout: Duration?) -> ParallelError {
    ParallelError(.timedOut, "the monitor's value did not meet the condition within \(timeout ?? .zero)")
  }
}
