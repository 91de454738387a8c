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
  var items: Deque<PoolItem> = []
  var nextSequence: UInt64 = 1
  var knownTypes: Set<UInt64> = []
  var pace = RunPace()
  var hasAnswered = false
  /// Items that it has got and that were not taken back.
  var itemsGiven = 0
  /// It has got something since its memory was last measured.
  var isUnmeasured = false
  var record: WorkerRecord

  init(_ process: any RunningWorker, number: Int, at now: Deadline) {
    self.process = process
    self.number = number
    record = WorkerRecord(startedAt: now)
  }

  var lane: any WorkerLane { process.lane }

  /// How many items it may hold: what the last one asks for, else what its present pace suggests.
  var depth: Int { min(items.last?.batch ?? pace.depth, lane.capacity) }

  /// Whether it can take one more. Numbers of items that were taken back are not used again, and the lane can tell only
  /// so many numbers apart.
  func hasRoom(_ policy: PoolPolicy) -> Bool {
    let oldest = items.first?.sequence ?? nextSequence
    return stage == .ready && items.count < depth && nextSequence - oldest < UInt64(lane.capacity)
      && !isExhausted(policy)
  }

  /// Whether it has got all that it may get in its life.
  func isExhausted(_ policy: PoolPolicy) -> Bool {
    guard let limit = policy.recycleAfterTasks else { return false }
    return itemsGiven >= limit
  }

  /// Whether it is, or will be before a successor that is started now is ready.
  func isNearlyExhausted(_ policy: PoolPolicy) -> Bool {
    guard let limit = policy.recycleAfterTasks else { return false }
    return itemsGiven >= limit - min(limit / 2, pace.count(in: .milliseconds(20)))
  }

  /// Whether it holds something that could be taken back.
  var hasUnbegun: Bool {
    guard let last = items.last else { return false }
    return !lane.hasBegun(last.sequence)
  }

  /// The item that it runs, as far as it can be believed.
  var running: PoolItem? {
    items.first { lane.hasBegun($0.sequence) && !lane.hasFinished($0.sequence) }
  }

  /// Takes back what the worker has not begun, in the order in which it was sent.
  func withdrawUnbegun() -> [PoolItem] {
    var withdrawn: [PoolItem] = []
    while let item = items.last, lane.withdraw(item.sequence) {
      items.removeLast()
      withdrawn.append(item)
    }
    itemsGiven -= withdrawn.count
    return withdrawn.reversed()
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
