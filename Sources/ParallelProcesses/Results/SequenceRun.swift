import ParallelCore
import ParallelFutures

/// An iteration over a sequence: whoever consumes the results pulls and submits the tasks.
final class SequenceRun<Input: WorkerTask>: ResultsRun {
  private static var largestBatch: Int { 256 }
  /// If as many tasks as are submitted together take this long to come, results do not wait for more of them.
  private static var slowInput: UInt64 { 1_000_000 }

  let mailbox: ResultsMailbox
  private let pool: ProcessPool
  private let options: ResultsOptions
  private let tasks: TaskSource<Input>
  private var submission: TaskSubmission<Input>
  private var taskWindow: TaskWindow
  /// By slot; only where the consumer wants them back.
  private var inputs: [Input?] = []
  /// Submitted and not yet consumed.
  private var pending = 0
  /// Consumed since the mailbox was last told.
  private var consumedSlots: [Int] = []
  private var isExhausted = false
  /// A task for which the pool had no place.
  private var held: Input?
  /// For a place in a pool with a limit, when nothing of this iteration is under way.
  private var ticket: Future<Void>?
  /// How many outcomes had come when the pool's limit, not the window, was what held tasks back: each that comes later
  /// may have left a place.
  private var totalBeforeShortage = Int.max

  init(_ tasks: TaskSource<Input>, in pool: ProcessPool, options: ResultsOptions) {
    self.pool = pool
    self.options = options
    self.tasks = tasks
    taskWindow = TaskWindow(options.window)
    mailbox = ResultsMailbox(order: options.order, helper: pool.engine)
    submission = TaskSubmission(engine: pool.engine, mailbox: mailbox, options: options)
  }

  deinit { abandon() }

  func abandon() {
    isExhausted = true
    held = nil
    for item in mailbox.abandon() { pool.engine.cancel(item) }
    if let ticket = ticket.take() { pool.engine.gate?.giveUp(ticket) }
  }

  var window: Int { taskWindow.size }
  var expectedCount: Int { tasks.count ?? 0 }

  /// Not all of a large window at once: time, cancellation and progress are looked at in between.
  func take() -> ResultsMailbox.Delivery {
    defer { consumedSlots.removeAll(keepingCapacity: true) }
    return mailbox.take(atMost: options.window.lowerBound, releasing: consumedSlots)
  }

  func wait(for count: Int) -> RunWait {
    if let ticket { return .place(ticket) }
    return .outcomes(
      mailbox, .outcomes(count: max(1, min(count, pending)), orMoreThan: totalBeforeShortage))
  }

  func consumed(_ slots: [Int]) {
    pending -= slots.count
    consumedSlots.append(contentsOf: slots)
  }

  func consume(_ slot: Int) -> Input {
    pending -= 1
    consumedSlots.append(slot)
    return inputs[slot].take()!
  }

  /// Submits what the window has room for, once enough of it is empty.
  func fill() {
    totalBeforeShortage = .max
    let refillBelow = ResultsOptions.refillBelow(window, workers: pool.workerCount)
    guard !isExhausted, pending <= refillBelow else { return }
    let (total, hasFailure) = mailbox.read { ($0.total, $0.hasFailure) }
    if options.failsFast && hasFailure { return }
    let (before, begin) = (pending, Deadline.now.nanoseconds)
    taskWindow.adapt(at: begin)
    pull(from: begin)
    taskWindow.noteFilling(with: pending - before, from: begin)
    if held != nil { totalBeforeShortage = total }
  }

  private func pull(from begin: UInt64) {
    // The next task may be long in coming: with nothing under way, the first ones do not wait for it.
    var batchSize = pending == 0 ? 1 : Self.largestBatch
    var start = begin
    // Read before the loop, which then looks up the type of an optional task once, and not for each.
    var next = held.take()
    while pending < window {
      guard let task = next.take() ?? tasks.next() else {
        isExhausted = true
        mailbox.end(.exhausted)
        break
      }
      guard takePlace() else {
        next = task
        break
      }
      add(task)
      guard submission.load >= batchSize else { continue }
      submission.submit()
      let now = Deadline.now.nanoseconds
      batchSize = now - start < Self.slowInput ? min(Self.largestBatch, 2 * batchSize) : 1
      let (hasNext, hasFailure) = mailbox.read { ($0.hasNext, $0.hasFailure) }
      if batchSize == 1 && hasNext || options.failsFast && hasFailure { break }
      // It has grown because tasks were small and quick. These are not.
      if pending >= options.window.lowerBound, now - begin >= TaskWindow.short { break }
      start = now
    }
    held = next
    submission.submit()
  }

  @inline(__always)  // See `TaskSubmission.add`.
  private func add(_ task: Input) {
    let slot = submission.add(task)
    pending += 1
    guard options.keepsInputs else { return }
    if slot == inputs.count { inputs.append(task) } else { inputs[slot] = task }
  }

  /// A place among the pool's unfinished tasks, if there is one. Waits for none while own tasks are under way: each of
  /// them that ends leaves a place.
  private func takePlace() -> Bool {
    guard let gate = pool.engine.gate else { return true }
    if let ticket {
      guard ticket.isDone else { return false }
      self.ticket = nil
      return true
    }
    if gate.tryEnter() { return true }
    if pending == 0 { ticket = gate.ticket() }
    return false
  }
}
