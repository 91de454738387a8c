/// What a pool promises of one task: until when, how long, how often, how urgently.
///
/// ```swift
/// let options = TaskOptions(deadline: .seconds(2), retries: RetryPolicy(1), label: "page 7")
/// let page = try await pool.run(Render(page: 7), options: options)
/// ```
///
/// **Ending a task that runs.** First it is told: `Task.isCancelled` turns true in it, and what it returns still counts.
/// Whoever has not ended after the ``grace`` is ended: its worker is killed, with all that it has started, and replaced.
/// Other tasks are never hit: those that the worker held but had not begun go to others.
/// In a pool with the backend `.inProcess` nothing can be killed: the task is told, its future fails at the deadline, and
/// its thread is lost to the pool until the task returns.
///
/// **What runs how often.** Delivery, by policy:
///
/// | the task | runs |
/// |---|---|
/// | is finished, by a value or an error | once |
/// | is cancelled, or its deadline passes, before a worker has begun it | never |
/// | was with a worker that died before it had begun it | once, in another worker |
/// | was running when its worker died; no retries | at most once; fails |
/// | the same with retries on crashes | at least once, at most `1 + count` times |
/// | was running at its deadline or run limit, or when it was cancelled | at most once; not retried |
/// | threw; retries on errors | at least once, at most `1 + count` times |
public struct TaskOptions: Sendable, Hashable {
  /// When the task has to have ended, from its submission on, with queueing, retries and the kill included; nil for never.
  ///
  /// At the deadline its future fails with ``WorkerFailure/Reason-swift.enum/deadlineExceeded(_:hasBegun:)``. A task that runs is told
  /// ``grace`` earlier, but not before half of the time has passed.
  public var deadline: Duration?
  /// How long the task may run, all attempts together, from the moment in which a worker begins it; nil for no limit.
  ///
  /// At the limit it is told; after the ``grace`` it is killed and its future fails with
  /// ``WorkerFailure/Reason-swift.enum/runLimitExceeded(_:)``, as it does when the task throws `CancellationError` on being
  /// told. A value that it returns within the grace counts.
  public var runLimit: Duration?
  /// The time between telling a task that it is to end and ending it. Counts for cancelled futures, too.
  public var grace: Duration
  /// How often it is run again after a failure; nil for what the pool's ``PoolPolicy`` says.
  public var retries: RetryPolicy?
  /// Tasks with a higher number leave the pool's queue before others; those with the same in the order in which they came.
  ///
  /// What was handed to a worker already, about a millisecond of work, is not overtaken.
  public var priority: Int
  /// A name for the task that its failures and events carry.
  public var label: String?

  /// Options.
  public init(
    deadline: Duration? = nil, runLimit: Duration? = nil, grace: Duration = .seconds(1),
    retries: RetryPolicy? = nil, priority: Int = 0, label: String? = nil
  ) {
    self.deadline = deadline
    self.runLimit = runLimit
    self.grace = grace
    self.retries = retries
    self.priority = priority
    self.label = label
  }

  /// No limits, the pool's own retries, priority 0: what a task has when nothing else is said.
  public static let `default` = TaskOptions()
}

extension TaskOptions {
  /// What is wrong with them; nil if nothing is.
  var flaw: String? {
    if let deadline, deadline < .zero { return "a deadline can't be before the submission" }
    if let runLimit, runLimit < .zero { return "a run limit can't be negative" }
    if grace < .zero { return "a grace can't be negative" }
    return retries?.flaw
  }

  /// Whether a task with them is like any other.
  var areDefault: Bool {
    deadline == nil && runLimit == nil && retries == nil && priority == 0 && label == nil
      && grace == .seconds(1)
  }
}
