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
  public typealias Order = ResultOrder

  /// One finished task.
  public typealias Item = FinishedTask<Tasks.Element>

  let pool: ProcessPool
  @usableFromInline let tasks: Tasks
  let options: ResultsOptions
  let listener: ((PoolProgress) -> Void)?

  /// Starts an iteration; nothing is submitted before its first `next`.
  @inlinable
  public func makeAsyncIterator() -> Iterator { Iterator(TaskSource(tasks), of: self) }

  /// Delivers the results of one iteration.
  ///
  /// It ends, and what was submitted is cancelled, when the last copy of it goes away and when a `next` throws
  /// `CancellationError`.
  public struct Iterator: AsyncIteratorProtocol {
    let cursor: ResultsCursor<SequenceRun<Tasks.Element>>

    @usableFromInline
    init(_ tasks: TaskSource<Tasks.Element>, of results: PoolResults) {
      let run = SequenceRun(tasks, in: results.pool, options: results.options)
      cursor = ResultsCursor(run, .make(for: tasks, results.listener))
    }

    /// The next result, or nil after the last. Throws `CancellationError` when the calling Swift task is cancelled.
    public mutating func next() async throws -> Item? { try await cursor.next(until: .never) }

    /// The next result, or nil after the last.
    ///
    /// Throws `timedOut`; the next call goes on where this one stopped. Throws `CancellationError` when the calling Swift
    /// task is cancelled.
    public mutating func next(timeout: Duration?) async throws -> Item? {
      try await cursor.next(until: Deadline(timeout: timeout))
    }

    /// The next result, or nil after the last; blocks the calling thread.
    ///
    /// Throws `timedOut`; the next call goes on where this one stopped. Throws `CancellationError` when the thread's
    /// cancellation token is cancelled.
    @available(*, noasync)
    public mutating func next(
      timeout: Duration? = nil, fileID: StaticString = #fileID, line: UInt = #line
    ) throws -> Item? {
      try cursor.next(until: Deadline(timeout: timeout), fileID: fileID, line: line)
    }
  }
}

@available(*, unavailable)
extension PoolResults.Iterator: Sendable {}
