import ParallelCore

/// The way between a pool and one worker, as the pool sees it: messages out, news in, and what can be known of an item
/// that is under way.
///
/// All but `flush` and `cancel` are called under the pool's lock: they never block and call nobody.
protocol WorkerLane: AnyObject, Sendable {
  /// How many items may be in the worker's hands; 1 where an item that was sent can't be taken back.
  var capacity: Int { get }

  /// Puts a message behind those posted before. `flush` sends it.
  func post(_ frame: Frame)

  /// Sends what was posted, as far as that is possible without blocking; the rest follows by itself.
  func flush()

  /// Notes that the item is about to be posted.
  func announce(_ sequence: UInt64)

  /// Notes that a batch of so many tasks is about to be posted.
  func announce(_ sequence: UInt64, tasks count: Int)

  /// Takes an item back: true if the worker has not begun it, and then it never will.
  func withdraw(_ sequence: UInt64) -> Bool

  /// Whether the worker has begun the item, as far as the worker can be believed.
  func hasBegun(_ sequence: UInt64) -> Bool

  /// How many tasks of the batch the worker has begun, as far as it can be believed. Maybe more than there are.
  func begunTasks(of sequence: UInt64) -> Int

  /// Takes back all but the first `count` tasks of the batch, as far as the worker has not begun them, and then it never
  /// will. Returns how many stay; maybe more than there are.
  func shorten(_ sequence: UInt64, to count: Int) -> Int

  /// Reads what has come without a ring: results of a batch that goes on. On the reactor, which reports them.
  func look()

  /// Whether the worker has sent the whole answer, as far as the worker can be believed.
  func hasFinished(_ sequence: UInt64) -> Bool

  /// When the worker has begun the item, as far as the worker can be believed. To be asked after `hasBegun` and
  /// `hasFinished` have said that it runs.
  func startOfRun(of sequence: UInt64) -> Deadline

  /// Settles that the running item will have no answer that counts: true if its worker may be killed over it, and has to
  /// be. False if the item does not run (any more), and always where a worker can't be killed.
  func condemn(_ sequence: UInt64) -> Bool

  /// Tells the worker that the item is no longer wanted, if it runs that one. Runs cancellation handlers of the user's
  /// where the worker is a thread.
  func cancel(_ sequence: UInt64)
}

/// What a lane reports, on the reactor.
enum LaneNews {
  case frames([Frame])
  /// The worker has closed its end; nothing more will come.
  case ended
  /// The worker sends nonsense; nothing more is read.
  case malformed(MalformedFrame)
}
