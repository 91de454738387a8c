import ParallelCore
import ParallelFutures

/// One iteration over `PoolResults`: submits within the window, collects, delivers.
///
/// The consumer's thread or task submits and takes; outcomes arrive on the reactor, in the mailbox. The end of the last
/// reference is the end of the iteration.
final class ResultsRun<Tasks: Sequence> where Tasks.Element: WorkerTask {
  typealias Item = PoolResults<Tasks>.Item

  private let pool: ProcessPool
  private var tasks: Tasks.Iterator
  private let window: Int
  private let mailbox: ResultsMailbox
  /// Submitted and not yet delivered. The item is nil where the task did not travel.
  private var outstanding: [Int: (input: Tasks.Element, item: PoolItem?)] = [:]
  private var nextIndex = 0
  private var isExhausted = false
  /// For a place in a pool with a limit, when nothing of this iteration is under way.
  private var ticket: Future<Void>?

  init(pool: ProcessPool, tasks: Tasks.Iterator, order: PoolResults<Tasks>.Order, window: Int) {
    self.pool = pool
    self.tasks = tasks
    self.window = window
    mailbox = ResultsMailbox(inOrder: order == .input)
  }

  deinit {
    for (_, item) in outstanding.values { item.map(pool.engine.cancel) }
    if let ticket { pool.engine.gate?.giveUp(ticket) }
  }

  func next() async throws -> Item? {
    while true {
      try Task.checkCancellation()
      switch step() {
      case .deliver(let item): return item
      case .finished: return nil
      case .wait(let arrival): try await arrival.get()
      }
    }
  }

  func next(until deadline: Deadline, fileID: StaticString, line: UInt) throws -> Item? {
    while true {
      switch step() {
      case .deliver(let item): return item
      case .finished: return nil
      case .wait(let arrival): try arrival.get(timeout: deadline.remaining, fileID: fileID, line: line)
      }
    }
  }

  private enum Step {
    case deliver(Item)
    case finished
    case wait(Future<Void>)
  }

  private func step() -> Step {
    fillWindow()
    if let (index, outcome) = mailbox.take() {
      let input = outstanding.removeValue(forKey: index)!.input
      return .deliver(
        Item(index: index, input: input, result: Result { try outcome.decode(Tasks.Element.self) }))
    }
    if outstanding.isEmpty && isExhausted { return .finished }
    return .wait(ticket ?? mailbox.arrival())
  }

  /// Half the window, so that many tasks travel in one message; more where that would leave workers idle.
  private var refillBelow: Int { max(window / 2, min(window - 1, 2 * pool.workerCount)) }

  /// Submits what the window has room for, once enough of it is empty.
  private func fillWindow() {
    guard !isExhausted, outstanding.count <= refillBelow else { return }
    var batch: [PoolItem] = []
    // The next task may be long in coming: the first ones do not wait for it.
    var batchSize = 1
    while outstanding.count < window, takePlace() {
      guard let task = tasks.next() else {
        isExhausted = true
        pool.engine.gate?.leave()
        break
      }
      if let item = prepare(task) { batch.append(item) }
      if batch.count >= batchSize {
        pool.engine.submit(batch)
        batch = []
        batchSize = min(32, 2 * batchSize)
      }
    }
    if !batch.isEmpty { pool.engine.submit(batch) }
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
    if outstanding.isEmpty { ticket = gate.ticket() }
    return false
  }

  /// Nil if the task does not travel: that is its outcome then.
  private func prepare(_ task: Tasks.Element) -> PoolItem? {
    let index = nextIndex
    nextIndex += 1
    do {
      let item = try pool.makeItem(task, sink: ResultsMailbox.Slot(mailbox: mailbox, index: index))
      outstanding[index] = (task, item)
      return item
    } catch {
      outstanding[index] = (task, nil)
      pool.engine.gate?.leave()
      mailbox.put(index, .failed(error))
      return nil
    }
  }
}
