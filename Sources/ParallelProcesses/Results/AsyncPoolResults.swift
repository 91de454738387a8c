import ParallelCore

/// The results of many tasks that come from an asynchronous sequence, as they are finished or in the order of the tasks.
///
/// Like ``PoolResults``, but that tasks are pulled by a Swift task of the iteration's own, as far ahead of the consumer
/// as the window allows: an input that lets wait does not hold back results that are there.
///
/// ```swift
/// for try await item in pool.results(of: uploads.map(ParseUpload.init)) {
///   store(item.result, for: item.input.name)
/// }
/// ```
///
/// If the input throws, the error comes at its place, after the results of all tasks before it, and ends the iteration.
public struct AsyncPoolResults<Tasks: AsyncSequence & Sendable>: AsyncSequence
where Tasks.Element: WorkerTask {
  /// One finished task.
  public typealias Item = FinishedTask<Tasks.Element>

  let pool: ProcessPool
  let tasks: Tasks
  let options: ResultsOptions
  let listener: ((PoolProgress) -> Void)?

  /// Starts an iteration; nothing is pulled or submitted before its first `next`.
  public func makeAsyncIterator() -> Iterator {
    let run = AsyncRun(tasks, in: pool, options: options)
    return Iterator(cursor: ResultsCursor(run, .make(listener)))
  }

  /// Delivers the results of one iteration.
  ///
  /// It ends, nothing more is pulled and what was submitted is cancelled, when the last copy of it goes away and when a
  /// `next` throws anything but `timedOut`.
  public struct Iterator: AsyncIteratorProtocol {
    let cursor: ResultsCursor<AsyncRun<Tasks>>

    /// The next result, or nil after the last.
    ///
    /// Throws the input's error, and `CancellationError` when the calling Swift task is cancelled.
    public mutating func next() async throws -> Item? { try await cursor.next(until: .never) }

    /// The next result, or nil after the last.
    ///
    /// Throws `timedOut`, and the next call goes on where this one stopped; the input's error; `CancellationError` when
    /// the calling Swift task is cancelled.
    public mutating func next(timeout: Duration?) async throws -> Item? {
      try await cursor.next(until: Deadline(timeout: timeout))
    }

    /// The next result, or nil after the last; blocks the calling thread.
    ///
    /// Throws `timedOut`, and the next call goes on where this one stopped; the input's error; `CancellationError` when
    /// the thread's cancellation token is cancelled.
    @available(*, noasync)
    public mutating func next(
      timeout: Duration? = nil, fileID: StaticString = #fileID, line: UInt = #line
    ) throws -> Item? {
      try cursor.next(until: Deadline(timeout: timeout), fileID: fileID, line: line)
    }
  }
}

@available(*, unavailable)
extension AsyncPoolResults.Iterator: Sendable {}
