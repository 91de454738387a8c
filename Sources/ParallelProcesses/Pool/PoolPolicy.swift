/// How a pool keeps its workers: what a death means, when workers are replaced, and how much they may take.
///
/// ```swift
/// var policy = PoolPolicy()
/// policy.onCrash = .retry(RetryPolicy(2))
/// policy.recycleAfterTasks = 1_000
/// policy.memoryLimit = 2 << 30
/// let pool = try ProcessPool(policy: policy)
/// ```
///
/// All of it is off by default: a crash fails its task, and a worker lives as long as its pool.
public struct PoolPolicy: Sendable, Hashable {
  /// What becomes of a task whose worker died while it ran it.
  public enum CrashPolicy: Sendable, Hashable {
    /// It fails.
    case fail
    /// It is run again, if its own options do not say otherwise. Errors that tasks throw count if the policy says so.
    case retry(RetryPolicy)
    /// It fails, and all other tasks of the pool with it: for work that is worth nothing unless all of it is done.
    case failPool
  }

  /// A limit to the deaths of workers, as supervisors in Erlang/OTP have it.
  public struct RestartIntensity: Sendable, Hashable {
    /// So many deaths are too many.
    public var deaths: Int
    /// Within this time.
    public var period: Duration

    /// A limit: the pool fails at the death number `deaths` within `period`.
    public init(_ deaths: Int, within period: Duration) {
      self.deaths = deaths
      self.period = period
    }
  }

  /// What becomes of a task whose worker died.
  public var onCrash = CrashPolicy.fail
  /// When deaths of workers end the pool, with `brokenPool`; nil for never. Workers that the pool itself ended, at a
  /// deadline for instance, do not count.
  public var restartIntensity: RestartIntensity?
  /// A task that has killed so many workers is not run again, whatever its retries: it fails with
  /// ``WorkerFailure/Reason-swift.enum/poison(deaths:last:)``. Only deaths of workers count that ran nothing else: then it
  /// is known who did it.
  public var poisonAfter = 3
  /// Workers that are ready and get nothing until another dies; then one steps in at once.
  public var hotSpares = 0
  /// How many tasks a worker runs at the same time: more than one for tasks that mostly wait, for a network for
  /// instance, and suspend meanwhile. All run on one thread of the worker, so one that blocks it holds up the others.
  ///
  /// They share their worker's fate. If it dies, nobody knows who did it: all that were running fail with the crash
  /// (``CrashReport/runningTasks`` says how many), or are run again where they may be, each alone in a worker, so that an
  /// innocent one gets its result and a guilty one is found out. A task that is killed, at its deadline for instance,
  /// takes the others with it. Up to 256.
  public var tasksPerWorker = 1
  /// A worker is replaced after so many tasks; nil for never. Its successor is started before.
  public var recycleAfterTasks: Int?
  /// A worker is replaced after this time; nil for never. It goes when its successor is ready.
  public var recycleAfterAge: Duration?
  /// A worker that holds so many bytes of memory is replaced after its task; nil for never. It goes when its successor is
  /// ready. Measured about every 50 ms.
  public var recycleAtResidentMemory: Int?
  /// A worker that holds more bytes of memory than this is killed; the task that it ran fails with
  /// ``WorkerFailure/Reason-swift.enum/memoryLimitExceeded(resident:limit:)``, or is run again if crashes are. Measured about every
  /// 50 ms: leave room for what can be allocated in that time.
  public var memoryLimit: Int?

  /// The defaults.
  public init() {}

  /// A fresh worker for each task, for tasks that would harm the next one (memory corruption, leaks, changed globals).
  public static var freshWorkerPerTask: PoolPolicy {
    var policy = PoolPolicy()
    policy.recycleAfterTasks = 1
    return policy
  }
}

extension PoolPolicy {
  /// What is wrong with it; nil if nothing is.
  var flaw: String? {
    if let restartIntensity, restartIntensity.deaths < 1 || restartIntensity.period < .zero {
      return "a restart intensity needs at least one death and a period that is not negative"
    }
    if poisonAfter < 1 { return "poisonAfter must be at least 1, not \(poisonAfter)" }
    if tasksPerWorker < 1 || tasksPerWorker > ItemFates.capacity {
      return "tasksPerWorker must be from 1 to \(ItemFates.capacity), not \(tasksPerWorker)"
    }
    if hotSpares < 0 { return "there can't be \(hotSpares) hot spares" }
    if let count = recycleAfterTasks, count < 1 {
      return "recycleAfterTasks must be at least 1, not \(count)"
    }
    if let age = recycleAfterAge, age <= .zero { return "recycleAfterAge must be more than nothing" }
    if let size = recycleAtResidentMemory ?? memoryLimit, min(size, memoryLimit ?? size) < 1 {
      return "a limit of memory must be at least one byte"
    }
    if case .retry(let retries) = onCrash { return retries.flaw }
    return nil
  }

  /// Whether a worker runs more than one task at a time.
  var runsSideBySide: Bool { tasksPerWorker > 1 }

  /// Whether workers have to be measured.
  var looksAtMemory: Bool { memoryLimit != nil || recycleAtResidentMemory != nil }

  /// For tasks that say nothing themselves.
  var retries: RetryPolicy {
    if case .retry(let retries) = onCrash { retries } else { .never }
  }
}
