import DequeModule
import ParallelCore

/// One worker in the pool's books. Touched under the pool's lock only.
final class PoolWorker {
  enum Stage {
    case starting
    /// It is ready and gets nothing: its turn comes when another goes.
    case spare
    case ready
    /// It gets nothing more, and is told to end when it has finished what it holds.
    case finishing
    /// It was told to end.
    case retiring
    /// It has crashed and gets nothing any more.
    case dying
    /// The item that it runs is settled, and it is being killed.
    case condemned
  }

  let number: Int
  let process: any RunningWorker
  var stage = Stage.starting
  /// It is to be replaced: its successor is on the way.
  var isLeaving = false
  /// Why it is leaving is no longer a question of how many items it has had.
  var isDue = false
  /// In the order of their sequence numbers, which is the order in which the worker runs them. Settled ones stay until the
  /// worker has no say any more.
  private(set) var items: Deque<PoolItem> = []
  /// How many tasks these are.
  private(set) var heldTasks = 0
  private var nextSequence: UInt64 = 1
  /// A batch of which everything was answered or taken back, while the worker had not ended it yet.
  private var emptied: UInt64?
  /// It is to get no more, so that something can run alone in it.
  var isReserved = false
  var knownTypes: Set<UInt64> = []
  var pace = RunPace()
  var hasAnswered = false
  /// Tasks that it has got and that were not taken back.
  private(set) var tasksGiven = 0
  /// It has had something to run since its memory was last measured.
  var isUnmeasured = false
  var record: WorkerRecord

  init(_ process: any RunningWorker, number: Int, at now: Deadline) {
    self.process = process
    self.number = number
    record = WorkerRecord(startedAt: now)
  }

  var lane: any WorkerLane { process.lane }

  /// How many tasks it may hold: what its present pace suggests, or the last one asks for.
  var depth: Int {
    let places = unended == nil ? lane.capacity : lane.capacity - 1
    return min(max(items.last?.depth ?? 0, pace.depth), places)
  }

  /// How many tasks it can take now.
  func room(_ policy: PoolPolicy) -> Int {
    guard stage == .ready, !isReserved, !runsLoneItem else { return 0 }
    let left = policy.recycleAfterTasks.map { $0 - tasksGiven } ?? .max
    if policy.runsSideBySide {
      return max(0, min(left, min(policy.tasksPerWorker, lane.capacity) - heldTasks))
    }
    return max(0, min(left, depth - heldTasks))
  }

  /// Whether it has an item that nothing may run beside.
  var runsLoneItem: Bool { items.first?.control?.runsAlone == true }

  /// A number for the next item, whose place on the lane no other has.
  func takeSequence() -> UInt64 {
    while hasPlace(of: nextSequence) { nextSequence += 1 }
    defer { nextSequence += 1 }
    return nextSequence
  }

  /// Whether something that the worker may still look at has the place of this number.
  private func hasPlace(of sequence: UInt64) -> Bool {
    let capacity = UInt64(lane.capacity)
    if let unended, unended % capacity == sequence % capacity { return true }
    guard let oldest = items.first?.sequence, sequence - oldest >= capacity else { return false }
    return items.contains { $0.sequence % capacity == sequence % capacity }
  }

  /// A batch that the worker has to end, while there is nothing left of it in the books.
  private var unended: UInt64? { emptied.flatMap { lane.hasFinished($0) ? nil : $0 } }

  /// Whether it has got all that it may get in its life.
  func isExhausted(_ policy: PoolPolicy) -> Bool {
    guard let limit = policy.recycleAfterTasks else { return false }
    return tasksGiven >= limit
  }

  /// Whether it is, or will be before a successor that is started now is ready.
  func isNearlyExhausted(_ policy: PoolPolicy) -> Bool {
    guard let limit = policy.recycleAfterTasks else { return false }
    return tasksGiven >= limit - min(limit / 2, pace.count(in: .milliseconds(20)))
  }

  // MARK: What it holds

  /// The item was sent to it.
  func add(_ item: PoolItem) {
    items.append(item)
    heldTasks += item.count
    tasksGiven += item.count
  }

  /// The item's first tasks have got their answers, and it has others.
  func dropFirst(_ count: Int, of item: PoolItem) {
    item.dropFirst(count)
    heldTasks -= count
  }

  /// The item's first task has got its answer, or will get none: it is an item of its own now, and none of the worker's.
  func takeFirstTask(of item: PoolItem) -> PoolItem {
    guard item.count > 1 else {
      removeAnswered(item)
      return item
    }
    heldTasks -= 1
    return item.splitFirst()
  }

  /// All of the item's tasks have got their answers.
  func removeAnswered(_ item: PoolItem) {
    // Between the last answer of a batch and its end the worker looks at the batch's words again.
    if item.sentTasks != nil, !lane.hasFinished(item.sequence) { emptied = item.sequence }
    remove(item)
  }

  /// The item is none of the worker's any more.
  func remove(_ item: PoolItem) {
    guard let index = items.firstIndex(where: { $0 === item }) else { return }
    items.remove(at: index)
    heldTasks -= item.count
  }

  /// The item whose first task an answer with this number is about, and how many of its tasks can have answers; nil if it
  /// can't be, as far as can be told.
  func itemToAnswer(_ sequence: UInt64) -> (item: PoolItem, tasks: Int)? {
    guard let item = items.first(where: { $0.sequence == sequence }), lane.hasBegun(sequence) else {
      return nil
    }
    // It has gone on, whatever its memory says.
    if let emptied, emptied < sequence { self.emptied = nil }
    guard let sent = item.sentTasks else { return (item, 1) }
    let begun = lane.begunTasks(of: sequence) - (item.tasks.lowerBound - sent.lowerBound)
    return begun > 0 ? (item, min(begun, item.count)) : nil
  }

  /// Counts an answer.
  func note(_ answer: Frame) {
    pace.record(nanoseconds: answer.value)
    record.runTime &+= answer.value
    record.bytesReceived += answer.payloadSize
    if answer.kind == .result { record.finished += 1 } else { record.failed += 1 }
  }

  // MARK: What it has not begun

  /// Whether it holds something that could be taken back.
  var hasUnbegun: Bool { items.last.map { countUnbegun(in: $0) > 0 } ?? false }

  /// How many of the item's tasks it has not begun.
  func countUnbegun(in item: PoolItem) -> Int {
    if !lane.hasBegun(item.sequence) { return item.count }
    guard let sent = item.sentTasks else { return 0 }
    let begun = min(sent.count, lane.begunTasks(of: item.sequence))
    return max(0, item.tasks.upperBound - max(item.tasks.lowerBound, sent.lowerBound + begun))
  }

  /// Takes back tasks of the item that the worker has not begun, at most so many, from its end; nil if there are none.
  func takeBack(_ item: PoolItem, atMost limit: Int = .max) -> PoolItem? {
    if item.count <= limit, lane.withdraw(item.sequence) {
      tasksGiven -= item.count
      remove(item)
      return item
    }
    guard let sent = item.sentTasks else { return nil }
    let toStay = max(0, item.tasks.upperBound - sent.lowerBound - min(limit, item.count))
    let staying = min(sent.count, lane.shorten(item.sequence, to: toStay))
    let end = max(item.tasks.lowerBound, sent.lowerBound + staying)
    guard end < item.tasks.upperBound else { return nil }
    tasksGiven -= item.tasks.upperBound - end
    if end == item.tasks.lowerBound {
      // The worker is between two tasks and will find no other.
      emptied = item.sequence
      remove(item)
      return item
    }
    heldTasks -= item.tasks.upperBound - end
    return item.split(at: end)
  }

  /// Takes back what the worker has not begun, in the order in which it was sent.
  func withdrawUnbegun() -> [PoolItem] {
    var withdrawn: [PoolItem] = []
    while let item = items.last, let part = takeBack(item) { withdrawn.append(part) }
    return withdrawn.reversed()
  }

  /// The items that the worker runs, mostly one, as far as it can be believed. To be asked after what it has not begun was
  /// taken back.
  var running: [PoolItem] {
    items.filter { item in
      // Of several parts the last: those before it are finished, and their answers on the way.
      lane.hasBegun(item.sequence) && !lane.hasFinished(item.sequence) && isLastOfItsNumber(item)
    }
  }

  func isLastOfItsNumber(_ item: PoolItem) -> Bool { items.last { $0.sequence == item.sequence } === item }

  /// The one task of the running item that runs, as an item of its own.
  func isolateTask(of item: PoolItem) -> PoolItem {
    guard item.count > 1, let index = items.firstIndex(where: { $0 === item }) else { return item }
    let last = item.split(at: item.tasks.upperBound - 1)
    items.insert(last, at: index + 1)
    return last
  }
}

/// What a pool counts of one worker.
struct WorkerRecord {
  var startedAt: Deadline
  /// Never: it is not ready yet.
  var readyAt = Deadline.never
  var finished = 0
  var failed = 0
  /// In nanoseconds, as the worker says.
  var runTime: UInt64 = 0
  var bytesSent = 0
  var bytesReceived = 0
}
