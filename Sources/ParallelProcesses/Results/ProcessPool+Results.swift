extension ProcessPool {
  /// Runs many tasks, at most `window` of them submitted and not yet consumed at a time.
  ///
  /// - Parameters:
  ///   - tasks: Any sequence, also a lazy or endless one; its iterator is called by whoever asks for results.
  ///   - order: Whether results come as they are finished or in the order of the tasks.
  ///   - window: At least 1; nil for 128 times the number of workers, or twice what `batch` puts into them, and up to 2,048
  ///     times their number while tasks take only microseconds.
  ///   - batch: How many tasks travel to a worker in one message.
  ///   - onProgress: Called by whoever asks for results, at most ten times a second and at the end.
  public func results<Tasks: Sequence>(
    of tasks: Tasks, order: ResultOrder = .completion, window: Int? = nil, batch: BatchSize = .automatic,
    onProgress: ((PoolProgress) -> Void)? = nil
  ) -> PoolResults<Tasks> {
    let options = options(order: order, window: window, batch: batch, keepsInputs: true)
    return PoolResults(pool: self, tasks: tasks, options: options, listener: onProgress)
  }

  /// Runs the tasks that come from an asynchronous sequence, at most `window` of them pulled and not yet consumed at a
  /// time.
  ///
  /// - Parameters:
  ///   - tasks: Any asynchronous sequence, also an endless one. It is iterated by a Swift task of its own, and an
  ///     iteration that was abandoned cancels that.
  ///   - order: Whether results come as they are finished or in the order of the tasks.
  ///   - window: At least 1; nil for 128 times the number of workers, or twice what `batch` puts into them.
  ///   - batch: How many tasks travel to a worker in one message.
  ///   - onProgress: Called by whoever asks for results, at most ten times a second and at the end.
  public func results<Tasks: AsyncSequence & Sendable>(
    of tasks: Tasks, order: ResultOrder = .completion, window: Int? = nil, batch: BatchSize = .automatic,
    onProgress: ((PoolProgress) -> Void)? = nil
  ) -> AsyncPoolResults<Tasks> {
    let options = options(order: order, window: window, batch: batch, keepsInputs: true)
    return AsyncPoolResults(pool: self, tasks: tasks, options: options, listener: onProgress)
  }
}
