import ParallelCore
import ParallelFutures

/// An iteration over an asynchronous sequence: a Swift task of its own pulls and submits the tasks, so that neither a
/// slow input delays results nor a slow consumer delays the input within the window.
final class AsyncRun<Tasks: AsyncSequence & Sendable>: ResultsRun where Tasks.Element: WorkerTask {
  typealias Input = Tasks.Element

  private let pool: ProcessPool
  private let feed: TaskFeed<Tasks>
  private var feeder: Task<Void, Never>?

  var mailbox: ResultsMailbox { feed.mailbox }
  /// It does not grow: a Swift task that pulls from another is not that quick.
  var window: Int { feed.options.window.lowerBound }
  var expectedCount: Int { 0 }

  init(_ tasks: Tasks, in pool: ProcessPool, options: ResultsOptions) {
    self.pool = pool
    feed = TaskFeed(tasks, engine: pool.engine, workers: pool.workerCount, options: options)
  }

  deinit { abandon() }

  func abandon() {
    for item in mailbox.abandon() { pool.engine.cancel(item) }
    feeder?.cancel()
  }

  func fill() {
    if feeder == nil, !mailbox.read(\.isAbandoned) { feeder = Task { [feed] in await feed.run() } }
  }

  /// One at a time where the consumer may be slow with it: the input follows what was consumed.
  func take() -> ResultsMailbox.Delivery { mailbox.take(atMost: feed.options.keepsInputs ? 1 : .max) }

  func wait(for count: Int) -> RunWait {
    let inUse = mailbox.read(\.inUse)
    return .outcomes(mailbox, .outcomes(count: max(1, min(count, inUse)), orMoreThan: .max))
  }

  func consumed(_ slots: [Int]) { mailbox.release(slots) }

  func consume(_ slot: Int) -> Input {
    // In this order: a slot that is released may be in use again at once.
    let input = feed.takeInput(in: slot)
    mailbox.release([slot])
    return input
  }
}

/// What the task that pulls an asynchronous sequence shares with the consumer.
///
/// It outlives the consumer where the input does not heed cancellation; so it must not hold on to the pool.
final class TaskFeed<Tasks: AsyncSequence & Sendable>: Sendable where Tasks.Element: WorkerTask {
  let mailbox: ResultsMailbox
  let options: ResultsOptions
  private let tasks: Tasks
  private let engine: PoolEngine
  private let refillBelow: Int
  /// By slot; only where the consumer wants them back.
  private let inputs = Guarded<[Tasks.Element?]>([])

  init(_ tasks: Tasks, engine: PoolEngine, workers: Int, options: ResultsOptions) {
    self.tasks = tasks
    self.engine = engine
    self.options = options
    refillBelow = ResultsOptions.refillBelow(options.window.lowerBound, workers: workers)
    mailbox = ResultsMailbox(order: options.order, helper: engine)
  }

  func takeInput(in slot: Int) -> Tasks.Element { inputs.withLock { $0[slot].take()! } }

  func run() async {
    var submission = TaskSubmission<Tasks.Element>(engine: engine, mailbox: mailbox, options: options)
    do {
      var iterator = tasks.makeAsyncIterator()
      while try await hasRoom() {
        guard let task = try await iterator.next() else { return mailbox.end(.exhausted) }
        // Only now: an input that takes its time must not keep others out of the pool.
        try await enterGate()
        let slot = submission.add(task)
        if options.keepsInputs { keep(task, in: slot) }
        submission.submitSharing()
      }
    } catch {
      mailbox.end(.failed(error))
    }
  }

  /// Suspends while the window is full; false when no more tasks are wanted.
  private func hasRoom() async throws -> Bool {
    try Task.checkCancellation()
    if mailbox.read({ $0.inUse }) >= options.window.lowerBound {
      _ = try await mailbox.wait(for: .room(refillBelow), until: .never)
    }
    return mailbox.read { !$0.isAbandoned && !(options.failsFast && $0.hasFailure) }
  }

  private func enterGate() async throws {
    guard let gate = engine.gate, !gate.tryEnter() else { return try leaveIfCancelled() }
    let ticket = gate.ticket()
    do {
      try await ticket.get()
    } catch {
      gate.giveUp(ticket)
      throw error
    }
    try leaveIfCancelled()
  }

  private func leaveIfCancelled() throws {
    guard Task.isCancelled else { return }
    engine.gate?.leave()
    throw CancellationError()
  }

  private func keep(_ task: Tasks.Element, in slot: Int) {
    inputs.withLock { inputs in
      if slot == inputs.count { inputs.append(task) } else { inputs[slot] = task }
    }
  }
}
