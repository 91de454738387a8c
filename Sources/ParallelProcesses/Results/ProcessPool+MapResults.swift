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
  ///     what `batch` puts into them.
  ///   - batch: How many tasks a worker is given at a time.
  ///   - timeout: Nil waits for ever.
  ///   - onProgress: Called on the calling thread or task, about ten times a second and at the end.
  /// - Throws: `timedOut`; `CancellationError` when the calling Swift task is cancelled. Tasks that are not finished by then
  ///   are cancelled.
  public func mapResults<Tasks: Sequence>(
    _ tasks: Tasks, window: Int? = nil, batch: BatchSize = .automatic, timeout: Duration? = nil,
    onProgress: ((PoolProgress) -> Void)? = nil
  ) async throws -> [Result<Tasks.Element.Output, any Error>] where Tasks.Element: WorkerTask {
    let options = options(order: .input, window: window, batch: batch)
    let run = SequenceRun(tasks, in: self, options: options)
    var outputs: [Result<Tasks.Element.Output, any Error>] = []
    outputs.reserveCapacity(tasks.underestimatedCount)
    try await run.drain(
      bulk: options.window / 2, until: Deadline(timeout: timeout), .make(for: tasks, onProgress)
    ) { arrival in
      let result = Result { try arrival.outcome.decode(Tasks.Element.self) }
      outputs.append(result)
      return (try? result.get()) != nil
    }
    return outputs
  }

  /// Runs many tasks and returns what came of each, in the order of the tasks; blocks the calling thread.
  ///
  /// For the rest see the `async` call of this name. Throws `CancellationError` when the thread's cancellation token is
  /// cancelled.
  @available(*, noasync)
  public func mapResults<Tasks: Sequence>(
    _ tasks: Tasks, window: Int? = nil, batch: BatchSize = .automatic, timeout: Duration? = nil,
    onProgress: ((PoolProgress) -> Void)? = nil, fileID: StaticString = #fileID, line: UInt = #line
  ) throws -> [Result<Tasks.Element.Output, any Error>] where Tasks.Element: WorkerTask {
    let options = options(order: .input, window: window, batch: batch)
    let run = SequenceRun(tasks, in: self, options: options)
    var outputs: [Result<Tasks.Element.Output, any Error>] = []
    outputs.reserveCapacity(tasks.underestimatedCount)
    try run.drain(
      bulk: options.window / 2, until: Deadline(timeout: timeout), .make(for: tasks, onProgress),
      fileID: fileID, line: line
    ) { arrival in
      let result = Result { try arrival.outcome.decode(Tasks.Element.self) }
      outputs.append(result)
      return (try? result.get()) != nil
    }
    return outputs
  }

  /// Runs the tasks of an asynchronous sequence and returns what came of each, in the order of the tasks.
  ///
  /// The sequence is iterated by a Swift task of its own, as the window allows.
  /// Throws the input's error, too, once the tasks before it are finished. For the rest
  /// see the call for sequences.
  public func mapResults<Tasks: AsyncSequence & Sendable>(
    _ tasks: Tasks, window: Int? = nil, batch: BatchSize = .automatic, timeout: Duration? = nil,
    onProgress: ((PoolProgress) -> Void)? = nil
  ) async throws -> [Result<Tasks.Element.Output, any Error>] where Tasks.Element: WorkerTask {
    let options = options(order: .input, window: window, batch: batch)
    let run = AsyncRun(tasks, in: self, options: options)
    var outputs: [Result<Tasks.Element.Output, any Error>] = []
    try await run.drain(
      bulk: options.window / 2, until: Deadline(timeout: timeout), .make(onProgress)
    ) { arrival in
      let result = Result { try arrival.outcome.decode(Tasks.Element.self) }
      outputs.append(result)
      return (try? result.get()) != nil
    }
    return outputs
  }

  /// Runs the tasks of an asynchronous sequence and returns what came of each, in the order of the tasks; blocks the calling thread.
  ///
  /// The sequence is iterated by a Swift task of its own, as the window allows.
  /// Throws the input's error, too, once the tasks before it are finished. For the rest
  /// see the call for sequences.
  @available(*, noasync)
  public func mapResults<Tasks: AsyncSequence & Sendable>(
    _ tasks: Tasks, window: Int? = nil, batch: BatchSize = .automatic, timeout: Duration? = nil,
    onProgress: ((PoolProgress) -> Void)? = nil, fileID: StaticString = #fileID, line: UInt = #line
  ) throws -> [Result<Tasks.Element.Output, any Error>] where Tasks.Element: WorkerTask {
    let options = options(order: .input, window: window, batch: batch)
    let run = AsyncRun(tasks, in: self, options: options)
    var outputs: [Result<Tasks.Element.Output, any Error>] = []
    try run.drain(
      bulk: options.window / 2, until: Deadline(timeout: timeout), .make(onProgress), fileID: fileID,
      line: line
    ) { arrival in
      let result = Result { try arrival.outcome.decode(Tasks.Element.self) }
      outputs.append(result)
      return (try? result.get()) != nil
    }
    return outputs
  }
}
