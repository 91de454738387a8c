import ParallelCore
public import ParallelFutures

extension ProcessPool {
  /// Submits a task and returns at once.
  ///
  /// What prevents the task from being sent is the future's error from the start: `unsupported` for a type that does
  /// not travel, `coding` for a value that can't be encoded, `overloaded` when `maxPending` tasks are unfinished,
  /// `shutDown` after ``shutdown(_:timeout:)``. Cancelling the future takes back a task that no worker has begun, and
  /// sets `Task.isCancelled` in one that runs.
  public func submit<T: WorkerTask>(_ task: T) -> Future<T.Output> {
    if let gate = engine.gate, !gate.tryEnter() { return .failed(Self.overloaded) }
    return submitAdmitted(task)
  }

  /// Submits a task, and waits first while `maxPending` tasks are unfinished and the pool is to wait.
  ///
  /// Blocks the calling thread. Throws `timedOut`, or `overloaded` if the pool rejects.
  @available(*, noasync)
  public func submit<T: WorkerTask>(
    _ task: T, timeout: Duration?, fileID: StaticString = #fileID, line: UInt = #line
  ) throws -> Future<T.Output> {
    if let ticket = try admission() {
      do {
        try ticket.get(timeout: timeout, fileID: fileID, line: line)
      } catch {
        engine.gate?.giveUp(ticket)
        throw error
      }
    }
    return submitAdmitted(task)
  }

  /// Submits a task, and suspends first while `maxPending` tasks are unfinished and the pool is to wait.
  ///
  /// Throws `timedOut`, `CancellationError`, or `overloaded` if the pool rejects.
  public func submit<T: WorkerTask>(_ task: T, timeout: Duration?) async throws -> Future<T.Output> {
    if let ticket = try admission() {
      do {
        try await ticket.get(timeout: timeout)
      } catch {
        engine.gate?.giveUp(ticket)
        throw error
      }
    }
    return submitAdmitted(task)
  }

  /// Runs a task and returns its result. Cancelling the calling Swift task cancels the task.
  ///
  /// Throws what the task throws (see ``WorkerTask/run()``), a ``WorkerFailure``, or what `submit` reports.
  public func run<T: WorkerTask>(_ task: T) async throws -> T.Output {
    try await submit(task, timeout: nil).value
  }

  /// Runs a task and returns its result; blocks the calling thread.
  ///
  /// With a `timeout` it stops waiting then, throws `timedOut`, and cancels the task.
  @available(*, noasync)
  public func run<T: WorkerTask>(
    _ task: T, timeout: Duration? = nil, fileID: StaticString = #fileID, line: UInt = #line
  ) throws -> T.Output {
    let deadline = Deadline(timeout: timeout)
    let future = try submit(task, timeout: timeout, fileID: fileID, line: line)
    do {
      return try future.get(timeout: deadline.remaining, fileID: fileID, line: line)
    } catch let error as ParallelError where error.code == .timedOut {
      future.cancel()
      throw error
    }
  }

  private static var overloaded: ParallelError {
    ParallelError(
      .overloaded, "the pool has as many unfinished tasks as its maxPending allows; submit this one later")
  }

  /// A place for one more task: nil if it was free, else a ticket to wait for.
  private func admission() throws(ParallelError) -> Future<Void>? {
    guard let gate = engine.gate, !gate.tryEnter() else { return nil }
    guard whenFull == .wait else { throw Self.overloaded }
    return gate.ticket()
  }

  /// The task has its place among the unfinished ones.
  private func submitAdmitted<T: WorkerTask>(_ task: T) -> Future<T.Output> {
    do {
      let promise = Promise<T.Output>(helper: engine)
      let item = try makeItem(task, sink: PromiseSink<T>(promise: promise))
      try promise.onCancel { [engine] in engine.cancel(item) }
      engine.submit([item])
      return promise.future
    } catch {
      engine.gate?.leave()
      return .failed(error)
    }
  }

  /// Throws where the type or the value does not travel.
  func makeItem<T: WorkerTask>(_ task: T, sink: any ItemSink) throws(ParallelError) -> PoolItem {
    try PoolItem(task, of: .of(T.self), sink: sink)
  }
}

/// Hands an outcome to a future; it is decoded by whoever first looks at it.
private struct PromiseSink<T: WorkerTask>: ItemSink {
  let promise: Promise<T.Output>

  func complete(_ outcome: ItemOutcome) {
    // Refused only if the future was cancelled: then nobody wants the outcome.
    _ = try? promise.complete(deferring: { try outcome.decode(T.self) })
  }
}
