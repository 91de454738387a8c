import ParallelCore

extension ProcessPool {
  /// Runs many tasks and returns their outputs in the order of the tasks.
  ///
  /// The first failure, in that order, is thrown; tasks that are not finished by then are cancelled, and once a failure
  /// has arrived nothing more is submitted. Where failures are to be kept, see ``mapResults(_:window:batch:timeout:onProgress:)``.
  ///
  /// ```swift
  /// let sums = try await pool.map(files.map(Checksum.init))
  /// ```
  ///
  /// - Parameters:
  ///   - tasks: Any sequence; its iterator is called by the caller, as the window allows.
  ///   - window: How many tasks may be submitted and not yet consumed; nil for 128 times the number of workers, or twice
  ///     what `batch` puts into them, and up to 2,048 times their number while tasks take only microseconds.
  ///   - batch: How many tasks travel to a worker in one message.
  ///   - timeout: Nil waits for ever.
  ///   - onProgress: Called on the calling thread or task, about ten times a second and at the end.
  /// - Throws: A task's error; `timedOut`; `CancellationError` when the calling Swift task is cancelled.
  @inlinable
  public func map<Tasks: Sequence>(
    _ tasks: Tasks, window: Int? = nil, batch: BatchSize = .automatic, timeout: Duration? = nil,
    onProgress: ((PoolProgress) -> Void)? = nil
  ) async throws -> [Tasks.Element.Output] where Tasks.Element: WorkerTask {
    try await map(TaskSource(tasks), window: window, batch: batch, timeout: timeout, onProgress: onProgress)
  }

  /// Runs many tasks and returns their outputs in the order of the tasks; blocks the calling thread.
  ///
  /// For the rest see the `async` call of this name. Throws `CancellationError` when the thread's cancellation token is
  /// cancelled.
  @available(*, noasync)
  @inlinable
  public func map<Tasks: Sequence>(
    _ tasks: Tasks, window: Int? = nil, batch: BatchSize = .automatic, timeout: Duration? = nil,
    onProgress: ((PoolProgress) -> Void)? = nil, fileID: StaticString = #fileID, line: UInt = #line
  ) throws -> [Tasks.Element.Output] where Tasks.Element: WorkerTask {
    try map(
      TaskSource(tasks), window: window, batch: batch, timeout: timeout, onProgress: onProgress,
      fileID: fileID, line: line)
  }

  /// Runs the tasks of an asynchronous sequence and returns their outputs in the order of the tasks.
  ///
  /// The sequence is iterated by a Swift task of its own, as the window allows.
  /// The input's error is thrown at its place: after the outputs of all tasks before it were waited for. For the rest
  /// see the call for sequences; the window does not grow.
  public func map<Tasks: AsyncSequence & Sendable>(
    _ tasks: Tasks, window: Int? = nil, batch: BatchSize = .automatic, timeout: Duration? = nil,
    onProgress: ((PoolProgress) -> Void)? = nil
  ) async throws -> [Tasks.Element.Output] where Tasks.Element: WorkerTask {
    let run = AsyncRun(
      tasks, in: self, options: options(order: .input, window: window, batch: batch, failsFast: true))
    return try await run.outputs(until: Deadline(timeout: timeout), .make(onProgress))
  }

  /// Runs the tasks of an asynchronous sequence and returns their outputs in the order of the tasks; blocks the calling thread.
  ///
  /// The sequence is iterated by a Swift task of its own, as the window allows.
  /// The input's error is thrown at its place: after the outputs of all tasks before it were waited for. For the rest
  /// see the call for sequences; the window does not grow.
  @available(*, noasync)
  public func map<Tasks: AsyncSequence & Sendable>(
    _ tasks: Tasks, window: Int? = nil, batch: BatchSize = .automatic, timeout: Duration? = nil,
    onProgress: ((PoolProgress) -> Void)? = nil, fileID: StaticString = #fileID, line: UInt = #line
  ) throws -> [Tasks.Element.Output] where Tasks.Element: WorkerTask {
    let run = AsyncRun(
      tasks, in: self, options: options(order: .input, window: window, batch: batch, failsFast: true))
    return try run.outputs(until: Deadline(timeout: timeout), .make(onProgress), fileID: fileID, line: line)
  }
}

// What does the work: compiled here once, for callers whose sequences are known only to them.
extension ProcessPool {
  @usableFromInline
  func map<Input: WorkerTask>(
    _ source: TaskSource<Input>, window: Int?, batch: BatchSize, timeout: Duration?,
    onProgress: ((PoolProgress) -> Void)?
  ) async throws -> [Input.Output] {
    let run = SequenceRun(
      source, in: self, options: options(order: .input, window: window, batch: batch, failsFast: true))
    return try await run.outputs(until: Deadline(timeout: timeout), .make(for: source, onProgress))
  }

  @available(*, noasync)
  @usableFromInline
  func map<Input: WorkerTask>(
    _ source: TaskSource<Input>, window: Int?, batch: BatchSize, timeout: Duration?,
    onProgress: ((PoolProgress) -> Void)?, fileID: StaticString, line: UInt
  ) throws -> [Input.Output] {
    let run = SequenceRun(
      source, in: self, options: options(order: .input, window: window, batch: batch, failsFast: true))
    return try run.outputs(
      until: Deadline(timeout: timeout), .make(for: source, onProgress), fileID: fileID, line: line)
  }
}
