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
  private var inputs: [Int: Tasks.Element] = [:]
  private var items: [Int: PoolItem] = [:]
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
    for item in items.values { pool.engine.cancel(item) }
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

  func next(until deadline: Deadline) throws -> Item? {
    while true {
      switch step() {
      case .deliver(let item): return item
      case .finished: return nil
      case .wait(let arrival): try arrival.get(timeout: deadline.remaining)
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
      items[index] = nil
      let input = inputs.removeValue(forKey: index)!
      return .deliver(
        Item(index: index, input: input, result: Result { try outcome.decode(Tasks.Element.self) }))
    }
    if inputs.isEmpty && isExhausted { return .finished }
    return .wait(ticket ?? mailbox.arrival())
  }

  private func fillWindow() {
    while !isExhausted, inputs.count < window, takePlace() {
      if let task = tasks.next() {
        submit(task)
      } else {
        isExhausted = true
        pool.engine.gate?.leave()
      }
    }
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
    if inputs.isEmpty { ticket = gate.ticket() }
    return false
  }

  private func submit(_ task: Tasks.Element) {
    let index = nextIndex
    nextIndex += 1
    inputs[index] = task
    do {
      let item = try pool.makeItem(task, sink: ResultsMailbox.Slot(mailbox: mailbox, index: index))
      items[index] = item
      pool.engine.submit(item)
    } catch {
      pool.engine.gate?.leave()
      mailbox.put(index, .failed(error))
    }
  }
}
