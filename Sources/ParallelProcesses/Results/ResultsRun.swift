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

  init(pool: ProcessPool, tasks: Tasks.Iterator, order: PoolResults<Tasks>.Order, window: Int) {
    self.pool = pool
    self.tasks = tasks
    self.window = window
    mailbox = ResultsMailbox(inOrder: order == .input)
  }

  deinit {
    for item in items.values { pool.engine.cancel(item) }
  }

  func next() async throws -> Item? {
    while true {
      try Task.checkCancellation()
      switch step() {
      case .deliver(let item): return item
      case .finished: return nil
      case .wait(let arrival): try await arrival.value
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
    let wait = fillWindow()
    if let (index, outcome) = mailbox.take() {
      items[index] = nil
      let input = inputs.removeValue(forKey: index)!
      return .deliver(Item(index: index, input: input, result: Result { try outcome.decode(Tasks.Element.self) }))
    }
    if inputs.isEmpty && isExhausted { return .finished }
    return .wait(wait ?? mailbox.arrival())
  }

  /// Submits what the window has room for. Returns what to wait for when the pool is full and nothing of this iteration
  /// is under way.
  private func fillWindow() -> Future<Void>? {
    while !isExhausted, inputs.count < window {
      if let gate = pool.engine.gate, !gate.tryEnter() {
        guard inputs.isEmpty else { return nil }
        return gate.availability()
      }
      guard let task = tasks.next() else {
        isExhausted = true
        pool.engine.gate?.leave()
        return nil
      }
      submit(task)
    }
    return nil
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
