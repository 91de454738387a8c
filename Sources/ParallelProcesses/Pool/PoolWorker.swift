import DequeModule

/// One worker in the pool's books. Touched under the pool's lock only.
final class PoolWorker {
  enum Stage {
    case starting, ready
    /// It was told to end.
    case retiring
    /// It has crashed and gets nothing any more.
    case dying
  }

  let process: any RunningWorker
  var stage = Stage.starting
  /// In the order of their sequence numbers, which is the order in which the worker runs them.
  var items: Deque<PoolItem> = []
  var nextSequence: UInt64 = 1
  var knownTypes: Set<UInt64> = []
  var pace = RunPace()
  var hasAnswered = false

  init(_ process: any RunningWorker) { self.process = process }

  var lane: any WorkerLane { process.lane }

  /// How many items it may hold: what the last one asks for, else what its present pace suggests.
  var depth: Int { min(items.last?.batch ?? pace.depth, lane.capacity) }

  /// Whether it can take one more. Numbers of items that were taken back are not used again, and the lane can tell only
  /// so many numbers apart.
  var hasRoom: Bool {
    let oldest = items.first?.sequence ?? nextSequence
    return stage == .ready && items.count < depth && nextSequence - oldest < UInt64(lane.capacity)
  }

  /// Whether it holds something that could be taken back.
  var hasUnbegun: Bool {
    guard let last = items.last else { return false }
    return !lane.hasBegun(last.sequence)
  }

  /// Takes back what the worker has not begun, in the order in which it was sent.
  func withdrawUnbegun() -> [PoolItem] {
    var withdrawn: [PoolItem] = []
    while let item = items.last, lane.withdraw(item.sequence) {
      items.removeLast()
      withdrawn.append(item)
    }
    return withdrawn.reversed()
  }
}
