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
  private static var largestBatch: Int { 64 }

  private let window: Int
  private let mailbox: ResultsMailbox
  /// Submitted and not yet delivered; nil where the task did not travel.
  private var outstanding: [Int: PoolItem?] = [:]
  /// The tasks of those, for a consumer that wants them back.
  private var inputs: [Int: Tasks.Element] = [:]
  private let keepsInputs: Bool
  private var nextIndex = 0
  private var isExhausted = false
  /// For a place in a pool with a limit, when nothing of this iteration is under way.
  private var ticket: Future<Void>?
  /// How many outcomes had come when the pool's limit, not the window, was what held tasks back: each that comes later
  /// may have left a place.
  private var arrivedBeforeShortage: Int?

  /// For a consumer that takes one result after the other.
  init(
    pool: ProcessPool, tasks: Tasks.Iterator, order: PoolResults<Tasks>.Order, window: Int,
    keepsInputs: Bool = true
  ) {
    self.keepsInputs = keepsInputs
    self.pool = pool
    self.tasks = tasks
    self.window = window
    mailbox = ResultsMailbox(inOrder: order == .input, helper: pool.engine)
  }

  deinit {
    for case let item? in outstanding.values { pool.engine.cancel(item) }
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
      outstanding.removeValue(forKey: index)
      let input = inputs.removeValue(forKey: index)!
      return .deliver(
        Item(index: index, input: input, result: Result { try outcome.decode(Tasks.Element.self) }))
    }
    if outstanding.isEmpty && isExhausted { return .finished }
    return .wait(ticket ?? mailbox.arrival(of: 1, orMoreThan: arrivedBeforeShortage))
  }

  /// Half the window, so that many tasks travel in one message; more where that would leave workers idle.
  private var refillBelow: Int { max(window / 2, min(window - 1, 2 * pool.workerCount)) }

  /// Submits what the window has room for, once enough of it is empty.
  private func fillWindow() {
    arrivedBeforeShortage = nil
    guard !isExhausted, outstanding.count <= refillBelow else { return }
    let arrived = mailbox.total
    var batch: [PoolItem] = []
    // The next task may be long in coming: with nothing under way, the first ones do not wait for it.
    var batchSize = outstanding.isEmpty ? 1 : Self.largestBatch
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
        batchSize = min(Self.largestBatch, 2 * batchSize)
      }
    }
    if !batch.isEmpty { pool.engine.submit(batch) }
    if !isExhausted && outstanding.count < window { arrivedBeforeShortage = arrived }
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
  @inline(__always)  // The loop around it then looks up the types that it deals with only once.
  private func prepare(_ task: Tasks.Element) -> PoolItem? {
    let index = nextIndex
    nextIndex += 1
    if keepsInputs { inputs[index] = task }
    do {
      let item = try pool.makeItem(task, sink: ResultsMailbox.Slot(mailbox: mailbox, index: index))
      outstanding.updateValue(item, forKey: index)
      return item
    } catch {
      outstanding.updateValue(nil, forKey: index)
      pool.engine.gate?.leave()
      mailbox.put(index, .failed(error))
      return nil
    }
  }
}

// MARK: - All results at once

extension ResultsRun {
  /// For a consumer that has no use for a result before it has them all.
  convenience init(collecting tasks: Tasks, in pool: ProcessPool) {
    self.init(
      pool: pool, tasks: tasks.makeIterator(), order: .input, window: pool.defaultWindow,
      keepsInputs: false)
  }

  /// Appends the outputs that are here, in the order of the tasks. Returns what to wait for before the next call, or nil
  /// after the last output. Throws the first failure.
  ///
  /// The consumer is woken for half a window at a time, not for each result.
  func collect(into outputs: inout [Tasks.Element.Output]) throws -> Future<Void>? {
    fillWindow()
    let arrived = mailbox.takeAll()
    for (index, outcome) in arrived {
      outstanding.removeValue(forKey: index)
      outputs.append(try outcome.decode(Tasks.Element.self))
    }
    guard arrived.isEmpty else { return .succeeded(()) }
    if outstanding.isEmpty && isExhausted { return nil }
    if let ticket { return ticket }
    return mailbox.arrival(
      of: min(outstanding.count, max(1, window / 2)), orMoreThan: arrivedBeforeShortage)
  }
}
