import ParallelCore
public import ParallelFutures

extension ProcessPool {
  /// Submits a task and returns at once.
  ///
  /// What prevents the task from being sent is the future's error from the start: `unsupported` for a type that does
  /// not travel, `coding` for a value that can't be encoded, `overloaded` when `maxPending` tasks are unfinished,
  /// `shutDown` after ``shutdown(_:timeout:)``. Cancelling the future takes back a task that no worker has begun, and
  /// sets `Task.isCancelled` in one that runs; one that runs on is killed after the grace of its options.
  /// `invalidArgument` is the error of options that make no sense.
  public func submit<T: WorkerTask>(_ task: T, options: TaskOptions = .default) -> Future<T.Output> {
    if let flaw = options.flaw { return .failed(ParallelError(.invalidArgument, flaw)) }
    if let gate = engine.gate, !gate.tryEnter() { return .failed(Self.overloaded) }
    return submitAdmitted(task, options, options.deadline == nil ? .never : .now)
  }

  /// Submits a task, and waits first while `maxPending` tasks are unfinished and the pool is to wait.
  ///
  /// Blocks the calling thread. The wait counts for the deadline of the options, but does not end with it. Throws
  /// `timedOut`, `invalidArgument` for options that make no sense, or `overloaded` if the pool rejects.
  @available(*, noasync)
  public func submit<T: WorkerTask>(
    _ task: T, options: TaskOptions = .default, timeout: Duration?, fileID: StaticString = #fileID,
    line: UInt = #line
  ) throws -> Future<T.Output> {
    let submission = try begin(options)
    if let ticket = try admission() {
      do {
        try ticket.get(timeout: timeout, fileID: fileID, line: line)
      } catch {
        engine.gate?.giveUp(ticket)
        throw error
      }
    }
    return submitAdmitted(task, options, submission)
  }

  /// Submits a task, and suspends first while `maxPending` tasks are unfinished and the pool is to wait.
  ///
  /// The wait counts for the deadline of the options, but does not end with it. Throws `timedOut`, `CancellationError`,
  /// `invalidArgument` for options that make no sense, or `overloaded` if the pool rejects.
  public func submit<T: WorkerTask>(
    _ task: T, options: TaskOptions = .default, timeout: Duration?
  ) async throws -> Future<T.Output> {
    let submission = try begin(options)
    if let ticket = try admission() {
      do {
        try await ticket.get(timeout: timeout)
      } catch {
        engine.gate?.giveUp(ticket)
        throw error
      }
    }
    return submitAdmitted(task, options, submission)
  }

  /// Runs a task and returns its result. Cancelling the calling Swift task cancels the task.
  ///
  /// Throws what the task throws (see ``WorkerTask/run()``), a ``WorkerFailure``, or what `submit` reports.
  public func run<T: WorkerTask>(_ task: T, options: TaskOptions = .default) async throws -> T.Output {
    try await submit(task, options: options, timeout: nil).value
  }

  /// Runs a task and returns its result; blocks the calling thread.
  ///
  /// With a `timeout` it stops waiting then, throws `timedOut`, and cancels the task.
  @available(*, noasync)
  public func run<T: WorkerTask>(
    _ task: T, options: TaskOptions = .default, timeout: Duration? = nil, fileID: StaticString = #fileID,
    line: UInt = #line
  ) throws -> T.Output {
    let deadline = Deadline(timeout: timeout)
    let future = try submit(
      task, options: options, timeout: timeout, fileID: fileID, line: line)
    do {
      return try future.get(timeout: deadline.remaining, fileID: fileID, line: line)
    } catch let error as ParallelError where error.code == .timedOut {
      future.cancel()
      throw error
    }
  }

  /// When the task was submitted, if that will matter.
  private func begin(_ options: TaskOptions) throws(ParallelError) -> Deadline {
    if let flaw = options.flaw { throw ParallelError(.invalidArgument, flaw) }
    return options.deadline == nil ? .never : .now
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
  private func submitAdmitted<T: WorkerTask>(
    _ task: T, _ options: TaskOptions, _ submission: Deadline
  ) -> Future<T.Output> {
    do {
      let promise = Promise<T.Output>(helper: engine)
      let item = try makeItem(
        task, sink: PromiseSink<T>(promise: promise), options: options, submission: submission)
      try promise.onCancel { [engine] in engine.cancel(item) }
      engine.submit([item])
      return promise.future
    } catch {
      engine.gate?.leave()
      return .failed(error)
    }
  }

  /// Throws where the type or the value does not travel.
  func makeItem<T: WorkerTask>(
    _ task: T, sink: any ItemSink, options: TaskOptions = .default, submission: Deadline = .never
  ) throws(ParallelError) -> PoolItem {
    try PoolItem(task, of: .of(T.self), sink: sink, options: options, submission: submission)
  }
}

/// Hands an outcome to a future; it is decoded by whoever first looks at it.
private struct PromiseSink<T: WorkerTask>: ItemSink {
  let promise: Promise<T.Output>

  func complete(_ outcome: ItemOutcome, of task: Int, through bulk: inout OutcomeBulk) {
    // Refused only if the future was cancelled: then nobody wants the outcome.
    _ = try? promise.complete(deferring: { try outcome.decode(T.self) })
  }
}
