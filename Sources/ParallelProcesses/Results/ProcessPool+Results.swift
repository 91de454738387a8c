import ParallelCore

extension ProcessPool {
  /// Runs many tasks, at most `window` of them submitted and not yet consumed at a time.
  ///
  /// - Parameters:
  ///   - tasks: Any sequence, also a lazy or endless one; its iterator is called by whoever asks for results.
  ///   - order: Whether results come as they are finished or in the order of the tasks.
  ///   - window: At least 1; nil for 128 times the number of workers.
  public func results<Tasks: Sequence>(
    of tasks: Tasks, order: PoolResults<Tasks>.Order = .completion, window: Int? = nil
  ) -> PoolResults<Tasks> {
    let window = window ?? defaultWindow
    precondition(window >= 1, "the window of results(of:) must be at least 1, not \(window)")
    return PoolResults(pool: self, tasks: tasks, order: order, window: window)
  }

  var defaultWindow: Int { 128 * workerCount }

  /// Runs many tasks and returns their results in the order of the tasks.
  ///
  /// The first failure, in that order, is thrown; tasks that are not finished by then are cancelled.
  public func map<Tasks: Sequence>(_ tasks: Tasks) async throws -> [Tasks.Element.Output]
  where Tasks.Element: WorkerTask {
    let run = ResultsRun(collecting: tasks, in: self)
    var outputs: [Tasks.Element.Output] = []
    outputs.reserveCapacity(tasks.underestimatedCount)
    while let arrival = try run.collect(into: &outputs) {
      try await arrival.get()
      try Task.checkCancellation()
    }
    return outputs
  }

  /// Runs many tasks and returns their results in the order of the tasks; blocks the calling thread.
  ///
  /// The first failure, in that order, is thrown, and `timedOut` when there is a timeout and it passes; tasks that are
  /// not finished by then are cancelled.
  @available(*, noasync)
  public func map<Tasks: Sequence>(
    _ tasks: Tasks, timeout: Duration? = nil, fileID: StaticString = #fileID, line: UInt = #line
  ) throws -> [Tasks.Element.Output] where Tasks.Element: WorkerTask {
    let deadline = Deadline(timeout: timeout)
    let run = ResultsRun(collecting: tasks, in: self)
    var outputs: [Tasks.Element.Output] = []
    outputs.reserveCapacity(tasks.underestimatedCount)
    while let arrival = try run.collect(into: &outputs) {
      try arrival.get(timeout: deadline.remaining, fileID: fileID, line: line)
      if deadline.hasPassed { throw ParallelError(.timedOut, "not all tasks were finished in time") }
    }
    return outputs
  }
}
