import ParallelCore

/// The results of many tasks, as they come or in the order of the tasks.
///
/// Lazy on both sides: tasks are taken from their sequence only as earlier ones are finished and consumed, so it may be
/// endless. A failed task is an item like any other. Abandoning the iteration cancels what was submitted for it.
///
/// ```swift
/// for try await item in pool.results(of: paths.lazy.map(CountWords.init), order: .completion) {
///   print(item.index, item.input.path, try item.result.get().count)
/// }
/// ```
///
/// Each iteration runs all tasks anew.
public struct PoolResults<Tasks: Sequence>: AsyncSequence where Tasks.Element: WorkerTask {
  /// In which order results are delivered.
  public enum Order: Sendable, Hashable {
    /// That of the tasks: a slow one holds back those behind it.
    case input
    /// As they get finished.
    case completion
  }

  /// One finished task.
  public struct Item: Sendable {
    /// The task's place in its sequence, from 0.
    public var index: Int
    /// The task itself.
    public var input: Tasks.Element
    /// What came of it.
    public var result: Result<Tasks.Element.Output, any Error>
  }

  let pool: ProcessPool
  let tasks: Tasks
  let order: Order
  let window: Int

  /// Starts an iteration; nothing is submitted before its first `next`.
  public func makeAsyncIterator() -> Iterator {
    Iterator(run: ResultsRun(pool: pool, tasks: tasks.makeIterator(), order: order, window: window))
  }

  /// Delivers the results of one iteration.
  public struct Iterator: AsyncIteratorProtocol {
    let run: ResultsRun<Tasks>

    /// The next result, or nil after the last. Throws `CancellationError` when the calling Swift task is cancelled.
    public mutating func next() async throws -> Item? {
      try await run.next()
    }

    /// The next result, or nil after the last; blocks the calling thread.
    ///
    /// Throws `timedOut`; the next call goes on where this one stopped.
    @available(*, noasync)
    public mutating func next(
      timeout: Duration? = nil, fileID: StaticString = #fileID, line: UInt = #line
    ) throws -> Item? {
      try run.next(until: Deadline(timeout: timeout), fileID: fileID, line: line)
    }
  }
}

@available(*, unavailable)
extension PoolResults.Iterator: Sendable {}
