import DequeModule
import ParallelCore

/// The pool's decisions: who runs what, what becomes of the items of a dead worker, when it is over. No clock, no
/// system call, no thread: events come in with the time at which they happen, actions go out, and the storage carries
/// them out after it has released the lock.
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
    case resolve(any ItemSink, task: Int, ItemOutcome)
    /// The same for tasks of a batch that follow one another.
    case resolveAll(any ItemSink, from: Int, AnswerRun)
    /// Tell the worker, if it runs the item.
    case cancel(any WorkerLane, UInt64)
    /// The task's caller has gone: only its place is free now.
    case drop(any ItemSink, task: Int)
    case kill(any RunningWorker)
    /// Ask it to end, and kill it if it does not.
    case retire(any RunningWorker)
    /// Bring `timeCame` about then; replaces what was said before if it is earlier.
    case wake(at: Deadline)
    /// Read what has come without a ring.
    case look([any WorkerLane])
    /// Bring `measured` about for each.
    case measure([(number: Int, process: any RunningWorker)])
    /// Tell those who listen.
    case report(PoolEvent)
    /// Everything is over.
    case finish
  }

  /// So many attempts that fail, one after the other, with no other worker there, mean that none ever will work.
  static let startAttempts = 3

  let policy: PoolPolicy
  var phase = Phase.open
  var waiting = WaitingItems()
  /// Items between two attempts, by their numbers there.
  var delayed: [UInt64: PoolItem] = [:]
  var nextDelay: UInt64 = 1
  /// Those of them that could run, if a worker had nothing else to do.
  var alone: Deque<UInt64> = []
  /// False once those that wait were cancelled: nothing is tried again then.
  var retriesFailures = true
  var workers = WorkerTable()
  /// Workers that have crashed or were killed and are not gone yet.
  var dying: [Int: any RunningWorker] = [:]
  /// Workers being started, or to be started after a delay.
  var launching = 0
  /// Those of them whose delay is not over: nobody waits for them.
  var delayedLaunches = 0
  /// Workers that could not be started, or died before they had done anything, since one last did.
  var failedStarts = 0
  var nextWorker = 1
  var targetWorkers: Int
  /// When workers died, as far as the restart intensity has to know.
  var deaths: [Deadline] = []
  /// Workers have come, gone, or are to go: `balance` has something to do.
  var needsBalance = false

  var timers = PoolTimers()
  /// For when the storage was asked to bring `timeCame` about.
  var wakesAt = Deadline.never
  /// The time of the present event.
  private(set) var now = Deadline(nanoseconds: 0)
  /// For pauses between attempts.
  var random: Jitter

  var totals = PoolTotals()
  /// Whether anybody listens to events.
  var reports = false

  init(workers: Int, policy: PoolPolicy = PoolPolicy(), seed: UInt64 = 1) {
    targetWorkers = workers
    self.policy = policy
    random = Jitter(state: seed)
  }

  /// The frame of every event: what follows from what `body` has changed. With nil the time does not matter.
  mutating func event(
    at time: Deadline?, _ body: (inout PoolState, inout Actions) -> Void
  ) -> [Action] {
    if let time { now = max(now, time) }
    var actions = Actions()
    body(&self, &actions)
    while needsBalance { balance(&actions) }
    endIfDone(&actions)
    if timers.next < wakesAt {
      wakesAt = timers.next
      actions.add(.wake(at: wakesAt))
    }
    return actions.all
  }

  /// Whether there is an item that some worker will have to take.
  var hasUnplaced: Bool { !waiting.isEmpty || !delayed.isEmpty }

  var hasWork: Bool { hasUnplaced || workers.values.contains { !$0.items.isEmpty } }

  var isOver: Bool { workers.isEmpty && dying.isEmpty && launching == delayedLaunches }

  /// Nothing will happen any more.
  var hasEnded: Bool {
    switch phase {
    case .open, .draining: false
    case .ending, .failed: isOver
    }
  }

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

/// SplitMix64: pauses need to differ, not to be secret.
struct Jitter: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
