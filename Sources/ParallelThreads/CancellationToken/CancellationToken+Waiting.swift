import ParallelCore

extension CancellationToken {
  /// Waits until the token is cancelled, by blocking the thread: a sleep that a cancellation ends.
  ///
  /// ```swift
  /// while try !token.wait(timeout: .seconds(60)) { refresh() }      // once a minute, and ends at once
  /// ```
  ///
  /// - Parameters:
  ///   - timeout: How long to wait at most; nil waits for ever, zero or less only looks.
  ///   - fileID: Where a debug build reports the call if it blocks a thread that Swift tasks share.
  ///   - line: The line in that file.
  /// - Returns: Whether the token is cancelled; false when the time was over first.
  /// - Throws: `CancellationError` when this thread is bound to another token that was cancelled first.
  @available(*, noasync, message: "this would block a thread that Swift tasks share; await wait(timeout:)")
  @discardableResult
  public func wait(
    timeout: Duration? = nil, fileID: StaticString = #fileID, line: UInt = #line
  ) throws(CancellationError) -> Bool {
    let event = Event()
    guard let observation = observe(event) else { return true }
    defer { source.forget(observation) }
    do { return try event.wait(timeout: timeout, fileID: fileID, line: line) } catch {
      // Bound to this very token, whose cancellation is what was waited for.
      if isCancelled { return true }
      throw error
    }
  }

  /// Waits until the token is cancelled, and suspends the task meanwhile.
  ///
  /// - Parameter timeout: How long to wait at most; nil waits for ever, zero or less only looks.
  /// - Returns: Whether the token is cancelled; false when the time was over first.
  /// - Throws: `CancellationError` when the task was cancelled first.
  @discardableResult
  public func wait(timeout: Duration? = nil) async throws(CancellationError) -> Bool {
    let event = Event()
    guard let observation = observe(event) else { return true }
    defer { source.forget(observation) }
    return try await event.wait(timeout: timeout)
  }

  /// Has `event` set by the cancellation; nil if there has been one.
  private func observe(_ event: Event) -> CancellationSource.Observation? {
    isCancelled ? nil : source.observe { event.set() }
  }
}
