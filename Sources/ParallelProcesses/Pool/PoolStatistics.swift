public import ParallelCore

/// What a pool has done and is doing: a snapshot.
///
/// ```swift
/// let statistics = pool.statistics
/// print("\(statistics.waiting) wait, \(statistics.running) run, \(statistics.crashed) workers crashed")
/// ```
public struct PoolStatistics: Sendable {
  /// One worker of the pool.
  public struct Worker: Sendable {
    /// What a worker is about.
    public enum State: Sendable, Hashable {
      /// It gets ready.
      case starting
      /// It takes tasks.
      case working
      /// It is ready and waits for the place of another.
      case spare
      /// It is on its way out.
      case leaving
    }

    /// Its process number.
    public var processID: Int32
    /// What it is about.
    public var state: State
    /// For how long it has been there.
    public var age: Duration
    /// How long it took, once its process was there, until it was ready for tasks, its setup included; nil until then.
    public var startTime: Duration?
    /// The time that tasks ran in it, as far as they are finished.
    public var runTime: Duration
    /// The time since it was ready in which none ran.
    public var idleTime: Duration
    /// Tasks with a value.
    public var finished: Int
    /// Tasks with an error.
    public var failed: Int
    /// Bytes of tasks' messages sent to it.
    public var bytesSent: Int
    /// Bytes of results received from it.
    public var bytesReceived: Int
    /// What its process has used by now: processor time, in steps of about 10 ms, of all its threads and of children that
    /// it has waited for; and the most memory that it held at one time, in bytes.
    ///
    /// Nil for the backend ``ProcessPool/Backend/inProcess``, for a process that has ended, and where `/proc` can't be read.
    public var usage: ResourceUsage?
  }

  /// The workers, the oldest first.
  public var workers: [Worker]
  /// Tasks that were ever submitted.
  public var submitted: Int
  /// Tasks that no worker has begun, those between two attempts included.
  public var waiting: Int
  /// Tasks that are running.
  public var running: Int
  /// Tasks with a value.
  public var finished: Int
  /// Tasks with an error, of whatever kind.
  public var failed: Int
  /// Tasks that were cancelled by their callers and have no outcome.
  public var cancelled: Int
  /// Attempts that were repeated.
  public var retried: Int
  /// Workers that died without having been told to.
  public var crashed: Int
  /// Workers that the pool killed over a deadline, a limit, or a cancelled task.
  public var killed: Int
  /// Workers that were replaced for their age, memory or number of tasks.
  public var recycled: Int
  /// What the processes of workers that have ended used, whatever ended them: their times together, and the peak of the
  /// largest. Nothing for the backend ``ProcessPool/Backend/inProcess``.
  public var usageOfEnded: ResourceUsage
}

/// What a pool counts of itself.
struct PoolTotals {
  var submitted = 0
  var finished = 0
  var failed = 0
  var cancelled = 0
  var retried = 0
  var crashed = 0
  var ended = 0
  var recycled = 0
  var usageOfEnded = ResourceUsage(userTime: .zero, systemTime: .zero, peakMemory: 0)
}
