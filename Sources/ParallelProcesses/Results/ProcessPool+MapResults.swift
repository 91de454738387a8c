import ParallelCore

extension ProcessPool {
  /// Runs many tasks and returns what came of each, in the order of the tasks: a failure costs one element.
  ///
  /// ```swift
  /// for (file, result) in zip(files, try await pool.mapResults(files.map(Checksum.init))) {
  ///   if case .failure(let error) = result { print("\(file): \(error)") }
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - tasks: Any sequence; its iterator is called by the caller, as the window allows.
  ///   - window: How many tasks may be submitted and not yet consumed; nil for 128 times the number of workers, or twice
  ///     what `batch` puts into them, and up to 2,048 times their number while tasks take only microseconds.
  ///   - batch: How many tasks travel to a worker in one message.
  ///   - timeout: Nil waits for ever.
  ///   - onProgress: Called on the calling thread or task, about ten times a second and at the end.
  /// - Throws: `timedOut`; `CancellationError` when the calling Swift task is cancelled. Tasks that are not finished by then
  ///   are cancelled.
  @inlinable
  public func mapResults<Tasks: Sequence>(
    _ tasks: Tasks, window: Int? = nil, batch: BatchSize = .automatic, timeout: Duration? = nil,
    onProgress: ((PoolProgress) -> Void)? = nil
  ) async throws -> [Result<Tasks.Element.Output, any Error>] where Tasks.Element: WorkerTask {
    try await mapResults(
      TaskSource(tasks), window: window, batch: batch, timeout: timeout, onProgress: onProgress)
  }

  /// Runs many tasks and returns what came of each, in the order of the tasks; blocks the calling thread.
  ///
  /// For the rest see the `async` call of this name. Throws `CancellationError` when the thread's cancellation token is
  /// cancelled.
  @available(*, noasync)
  @inlinable
  public func mapResults<Tasks: Sequence>(
    _ tasks: Tasks, window: Int? = nil, batch: BatchSize = .automatic, timeout: Duration? = nil,
    onProgress: ((PoolProgress) -> Void)? = nil, fileID: StaticString = #fileID, line: UInt = #line
  ) throws -> [Result<Tasks.Element.Output, any Error>] where Tasks.Element: WorkerTask {
    try mapResults(
      TaskSource(tasks), window: window, batch: batch, timeout: timeout, onProgress: onProgress,
      fileID: fileID, line: line)
  }

  /// Runs the tasks of an asynchronous sequence and returns what came of each, in the order of the tasks.
  ///
  /// The sequence is iterated by a Swift task of its own, as the window allows.
  /// Throws the input's error, too, once the tasks before it are finished. For the rest
  /// see the call for sequences; the window does not grow.
  public func mapResults<Tasks: AsyncSequence & Sendable>(
    _ tasks: Tasks, window: Int? = nil, batch: BatchSize = .automatic, timeout: Duration? = nil,
    onProgress: ((PoolProgress) -> Void)? = nil
  ) async throws -> [Result<Tasks.Element.Output, any Error>] where Tasks.Element: WorkerTask {
    let run = AsyncRun(tasks, in: self, options: options(order: .input, window: window, batch: batch))
    return try await run.results(until: Deadline(timeout: timeout), .make(onProgress))
  }

  /// Runs the tasks of an asynchronous sequence and returns what came of each, in the order of the tasks; blocks the calling thread.
  ///
  /// The sequence is iterated by a Swift task of its own, as the window allows.
  /// Throws the input's error, too, once the tasks before it are finished. For the rest
  /// see the call for sequences; the window does not grow.
  @available(*, noasync)
  public func mapResults<Tasks: AsyncSequence & Sendable>(
    _ tasks: Tasks, window: Int? = nil, batch: BatchSize = .automatic, timeout: Duration? = nil,
    onProgress: ((PoolProgress) -> Void)? = nil, fileID: StaticString = #fileID, line: UInt = #line
  ) throws -> [Result<Tasks.Element.Output, any Error>] where Tasks.Element: WorkerTask {
    let run = AsyncRun(tasks, in: self, options: options(order: .input, window: window, batch: batch))
    return try run.results(until: Deadline(timeout: timeout), .make(onProgress), fileID: fileID, line: line)
  }
}

// What does the work: compiled here once, for callers whose sequences are known only to them.
extension ProcessPool {
  @usableFromInline
  func mapResults<Input: WorkerTask>(
    _ source: TaskSource<Input>, window: Int?, batch: BatchSize, timeout: Duration?,
    onProgress: ((PoolProgress) -> Void)?
  ) async throws -> [Result<Input.Output, any Error>] {
    let run = SequenceRun(source, in: self, options: options(order: .input, window: window, batch: batch))
    return try await run.results(until: Deadline(timeout: timeout), .make(for: source, onProgress))
  }

  @available(*, noasync)
  @usableFromInline
  func mapResults<Input: WorkerTask>(
    _ source: TaskSource<Input>, window: Int?, batch: BatchSize, timeout: Duration?,
    onProgress: ((PoolProgress) -> Void)?, fileID: StaticString, line: UInt
  ) throws -> [Result<Input.Output, any Error>] {
    let run = SequenceRun(source, in: self, options: options(order: .input, window: window, batch: batch))
    return try run.results(
      until: Deadline(timeout: timeout), .make(for: source, onProgress), fileID: fileID, line: line)
  }
}
