extension PermitCounter {
  /// Runs `body` with a permit, and gives it back also when `body` throws; blocks the thread until it gets one.
  ///
  /// - Parameters:
  ///   - fileID: Where a debug build reports the call if it blocks a thread that Swift tasks share.
  ///   - line: The line in that file.
  ///   - body: What to do.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws; `CancellationError` when the thread's ``CancellationToken`` was cancelled while it
  ///   waited; for a ``BoundedSemaphore`` ``ParallelError`` with the code `misuse` when `body` gave the permit back.
  @available(*, noasync, message: "this would block a thread that Swift tasks share; await withPermit")
  public final func withPermit<Value>(
    fileID: StaticString = #fileID, line: UInt = #line, _ body: () throws -> Value
  ) throws -> Value {
    try acquire(fileID: fileID, line: line)
    let value: Value
    do { value = try body() } catch {
      // The first error tells more.
      try? giveBack()
      throw error
    }
    try giveBack()
    return value
  }

  /// Runs `body` with a permit, and gives it back also when `body` throws; suspends the task until it gets one.
  ///
  /// - Parameter body: What to do.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws; `CancellationError` when the task was cancelled while it waited; for a
  ///   ``BoundedSemaphore`` ``ParallelError`` with the code `misuse` when `body` gave the permit back.
  public final func withPermit<Value>(_ body: () async throws -> Value) async throws -> Value {
    try await acquire()
    let value: Value
    do { value = try await body() } catch {
      try? giveBack()
      throw error
    }
    try giveBack()
    return value
  }
}
