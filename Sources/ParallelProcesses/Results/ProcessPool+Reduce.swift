import ParallelCore

extension ProcessPool {
  /// Runs many tasks and combines their outputs in the caller, without keeping them.
  ///
  /// ```swift
  /// let totals = try await pool.reduce(files.lazy.map(CountWords.init), into: [:]) { totals, output in
  ///   totals.merge(output.counts, uniquingKeysWith: +)
  /// }
  /// ```
  ///
  /// The first failure is thrown; tasks that are not finished by then are cancelled.
  ///
  /// - Parameters:
  ///   - tasks: Any sequence; its iterator is called by the caller, as the window allows.
  ///   - initial: What the outputs are combined into.
  ///   - order: Whether outputs are combined in the order of the tasks, which makes the outcome the same each time, or as
  ///     they are finished.
  ///   - window: How many tasks may be submitted and not yet consumed; nil for 128 times the number of workers, or twice
  ///     what `batch` puts into them, and up to 2,048 times their number while tasks take only microseconds.
  ///   - batch: How many tasks travel to a worker in one message.
  ///   - timeout: Nil waits for ever.
  ///   - onProgress: Called on the calling thread or task, about ten times a second and at the end.
  ///   - combine: Adds one output; called on the calling thread or task. What it throws ends the run.
  /// - Throws: A task's error; `timedOut`; `CancellationError` when the calling Swift task is cancelled.
  @inlinable
  public func reduce<Tasks: Sequence, Partial>(
    _ tasks: Tasks, into initial: Partial, order: ResultOrder = .input, window: Int? = nil,
    batch: BatchSize = .automatic, timeout: Duration? = nil, onProgress: ((PoolProgress) -> Void)? = nil,
    _ combine: (inout Partial, Tasks.Element.Output) throws -> Void
  ) async throws -> Partial where Tasks.Element: WorkerTask {
    try await reduce(
      TaskSource(tasks), into: initial, order: order, window: window, batch: batch, timeout: timeout,
      onProgress: onProgress, combine)
  }

  /// Runs many tasks and combines their outputs in the caller; blocks the calling thread.
  ///
  /// For the rest see the `async` call of this name. Throws `CancellationError` when the thread's cancellation token is
  /// cancelled.
  @available(*, noasync)
  @inlinable
  public func reduce<Tasks: Sequence, Partial>(
    _ tasks: Tasks, into initial: Partial, order: ResultOrder = .input, window: Int? = nil,
    batch: BatchSize = .automatic, timeout: Duration? = nil, onProgress: ((PoolProgress) -> Void)? = nil,
    fileID: StaticString = #fileID, line: UInt = #line,
    _ combine: (inout Partial, Tasks.Element.Output) throws -> Void
  ) throws -> Partial where Tasks.Element: WorkerTask {
    try reduce(
      TaskSource(tasks), into: initial, order: order, window: window, batch: batch, timeout: timeout,
      onProgress: onProgress, fileID: fileID, line: line, combine)
  }

  /// Runs the tasks of an asynchronous sequence and combines their outputs in the caller.
  ///
  /// The sequence is iterated by a Swift task of its own, as the window allows.
  /// The input's error is thrown at its place: after the outputs of all tasks before it were combined. For the rest
  /// see the call for sequences; the window does not grow.
  public func reduce<Tasks: AsyncSequence & Sendable, Partial>(
    _ tasks: Tasks, into initial: Partial, order: ResultOrder = .input, window: Int? = nil,
    batch: BatchSize = .automatic, timeout: Duration? = nil, onProgress: ((PoolProgress) -> Void)? = nil,
    _ combine: (inout Partial, Tasks.Element.Output) throws -> Void
  ) async throws -> Partial where Tasks.Element: WorkerTask {
    let run = AsyncRun(
      tasks, in: self, options: options(order: order, window: window, batch: batch, failsFast: true))
    return try await run.combined(
      into: initial, until: Deadline(timeout: timeout), .make(onProgress), combine)
  }

  /// Runs the tasks of an asynchronous sequence and combines their outputs; blocks the calling thread.
  ///
  /// The sequence is iterated by a Swift task of its own, as the window allows.
  /// The input's error is thrown at its place: after the outputs of all tasks before it were combined. For the rest
  /// see the call for sequences; the window does not grow.
  @available(*, noasync)
  public func reduce<Tasks: AsyncSequence & Sendable, Partial>(
    _ tasks: Tasks, into initial: Partial, order: ResultOrder = .input, window: Int? = nil,
    batch: BatchSize = .automatic, timeout: Duration? = nil, onProgress: ((PoolProgress) -> Void)? = nil,
    fileID: StaticString = #fileID, line: UInt = #line,
    _ combine: (inout Partial, Tasks.Element.Output) throws -> Void
  ) throws -> Partial where Tasks.Element: WorkerTask {
    let run = AsyncRun(
      tasks, in: self, options: options(order: order, window: window, batch: batch, failsFast: true))
    return try run.combined(
      into: initial, until: Deadline(timeout: timeout), .make(onProgress), fileID: fileID, line: line, combine
    )
  }
}

// What does the work: compiled here once, for callers whose sequences are known only to them.
extension ProcessPool {
  @usableFromInline
  func reduce<Input: WorkerTask, Partial>(
    _ source: TaskSource<Input>, into initial: Partial, order: ResultOrder, window: Int?, batch: BatchSize,
    timeout: Duration?, onProgress: ((PoolProgress) -> Void)?,
    _ combine: (inout Partial, Input.Output) throws -> Void
  ) async throws -> Partial {
    let run = SequenceRun(
      source, in: self, options: options(order: order, window: window, batch: batch, failsFast: true))
    return try await run.combined(
      into: initial, until: Deadline(timeout: timeout), .make(for: source, onProgress), combine)
  }

  @available(*, noasync)
  @usableFromInline
  func reduce<Input: WorkerTask, Partial>(
    _ source: TaskSource<Input>, into initial: Partial, order: ResultOrder, window: Int?, batch: BatchSize,
    timeout: Duration?, onProgress: ((PoolProgress) -> Void)?, fileID: StaticString, line: UInt,
    _ combine: (inout Partial, Input.Output) throws -> Void
  ) throws -> Partial {
    let run = SequenceRun(
      source, in: self, options: options(order: order, window: window, batch: batch, failsFast: true))
    return try run.combined(
      into: initial, until: Deadline(timeout: timeout), .make(for: source, onProgress), fileID: fileID,
      line: line, combine)
  }
}
