import DequeModule
import ParallelCore

/// The pool's decisions: who runs what, what becomes of the items of a dead worker, when it is over. No clock, no
/// system call, no thread: events come in, actions go out, and the storage carries them out after it has released the
/// lock.
struct PoolState {
  enum Phase {
    case open
    /// No new items; those there are get finished.
    case draining
    /// Nothing to do any more; workers are on their way out.
    case ending
    /// Workers can't work; every item gets this error.
    case failed(ParallelError)
  }

  enum Action {
    /// Start one more worker, after a delay.
    case launch(after: Duration)
    /// Send what was posted.
    case flush(any WorkerLane)
    case resolve(PoolItem, ItemOutcome)
    /// Tell the worker, if it runs the item.
    case cancel(any WorkerLane, UInt64)
    /// The item's caller has gone: only its place is free now.
    case drop(PoolItem)
    case kill(any RunningWorker)
    /// Ask it to end, and kill it if it does not.
    case retire(any RunningWorker)
    /// Everything is over.
    case finish
  }

  /// So many attempts that fail, one after the other, with no other worker there, mean that none ever will work.
  static let startAttempts = 3

  var phase = Phase.open
  var waiting: Deque<PoolItem> = []
  /// Those of `waiting` that were cancelled there and are skipped.
  var cancelledWaiting = 0
  var workers: [Int: PoolWorker] = [:]
  /// Workers that have crashed or were killed and are not gone yet.
  var dying: [Int: any RunningWorker] = [:]
  /// Workers being started, or to be started after a delay.
  var launching = 0
  /// Those of them whose delay is not over: nobody waits for them.
  var delayedLaunches = 0
  /// Workers that could not be started, or died before they had done anything, since one last did.
  var failedStarts = 0
  var nextWorker = 1
  let targetWorkers: Int

  init(workers: Int) { targetWorkers = workers }

  var hasWork: Bool { waiting.count > cancelledWaiting || workers.values.contains { !$0.items.isEmpty } }

  var isOver: Bool { workers.isEmpty && dying.isEmpty && launching == delayedLaunches }

  /// Collects the lanes that were posted to, each once.
  struct Actions {
    private(set) var list: [Action] = []
    private var lanes: [any WorkerLane] = []

    mutating func add(_ action: Action) { list.append(action) }

    mutating func touch(_ lane: any WorkerLane) {
      if !lanes.contains(where: { $0 === lane }) { lanes.append(lane) }
    }

    var all: [Action] { lanes.map(Action.flush) + list }
  }
}
