import DequeModule

/// One worker in the pool's books. Touched under the pool's lock only.
final class PoolWorker {
  enum Stage { case starting, ready, retiring }

  let process: any RunningWorker
  var stage = Stage.starting
  /// In the order of their sequence numbers, which is the order in which the worker runs them.
  var items: Deque<PoolItem> = []
  var nextSequence: UInt64 = 1
  var knownTypes: Set<UInt64> = []
  var pace = RunPace()

  init(_ process: any RunningWorker) { self.process = process }

  var lane: any WorkerLane { process.lane }

  /// How many items it may hold at its present pace.
  var depth: Int { min(pace.depth, lane.capacity) }
}
