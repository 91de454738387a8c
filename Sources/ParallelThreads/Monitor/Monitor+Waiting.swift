import ParallelCore

extension Monitor {
  /// Waits until `condition` is true for the value, by blocking the thread.
  ///
  /// When it returns true the condition held at some moment since the call; by now the value may have changed again. To
  /// act on the value as it was found, use ``withLock(when:timeout:fileID:line:_:)``.
  ///
  /// - Parameters:
  ///   - condition: What to wait for; see ``Monitor``.
  ///   - timeout: How long to wait at most; nil waits for ever, zero or less looks once.
  ///   - fileID: Where a debug build reports the call if it blocks a thread that Swift tasks share.
  ///   - line: The line in that file.
  /// - Returns: Whether the condition held; false when the time was over first.
  /// - Throws: `CancellationError` when the thread's ``CancellationToken`` was cancelled first.
  @available(
    *, noasync, message: "this would block a thread that Swift tasks share; await wait(until:timeout:)"
  )
  @discardableResult
  public func wait(
    until condition: @escaping @Sendable (State) -> Bool, timeout: Duration? = nil,
    fileID: StaticString = #fileID, line: UInt = #line
  ) throws(CancellationError) -> Bool {
    let deadline = Deadline(timeout: timeout)
    var request = MonitorState.Request(condition: condition, isExclusive: false)
    switch attempt(&request, mayWait: !deadline.hasPassed, fileID, line, { _ in }) {
    case .done: return true
    case .notYet: return false
    case .waits(let place):
      defer { leave() }
      return try room.park(place, until: deadline, fileID: fileID, line: line)
    }
  }

  /// Waits until `condition` is true for the value, and suspends the task meanwhile.
  ///
  /// For the meaning of the result see ``wait(until:timeout:fileID:line:)``.
  ///
  /// - Parameters:
  ///   - condition: What to wait for; see ``Monitor``.
  ///   - timeout: How long to wait at most; nil waits for ever, zero or less looks once.
  /// - Returns: Whether the condition held; false when the time was over first.
  /// - Throws: `CancellationError` when the task was cancelled first.
  @discardableResult
  public func wait(
    until condition: @escaping @Sendable (State) -> Bool, timeout: Duration? = nil
  ) async throws(CancellationError) -> Bool {
    let deadline = Deadline(timeout: timeout)
    var request = MonitorState.Request(condition: condition, isExclusive: false)
    switch attempt(&request, mayWait: !deadline.hasPassed, #fileID, #line, { _ in }) {
    case .done: return true
    case .notYet: return false
    case .waits(let place):
      defer { leave() }
      return try await room.suspend(place, until: deadline)
    }
  }
}
