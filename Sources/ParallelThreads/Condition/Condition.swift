import ParallelCore

/// A place where threads that hold a lock wait for others to change what it protects.
///
/// ```swift
/// let condition = Condition()
/// var orders: [Order] = []          // protected by the condition's lock
///
/// // consumer
/// try condition.withLock {
///   try condition.wait { !orders.isEmpty }
///   order = orders.removeFirst()
/// }
/// // producer
/// condition.withLock {
///   orders.append(order)
///   condition.notify()
/// }
/// ```
///
/// Waiting gives the lock back, a recursive one completely, and takes it again before it returns. Those who wait are
/// woken in the order in which they came, exactly as many as asked for; there are no wake-ups without a reason, but when
/// one returns another thread may have changed things before it got the lock: wait with a predicate. A notification
/// that nobody waits for is not kept.
///
/// Several conditions may share one lock. Conditions belong to threads. ``Monitor`` does the same with less to get
/// wrong, for tasks too.
///
/// The corresponding C type is `pthread_cond_t`.
public final class Condition: Sendable {
  let conditionLock: ConditionLock
  let room = WaitRoom(ConditionState())

  /// Creates a condition with a ``RecursiveLock`` of its own.
  public init() { conditionLock = .recursive(RecursiveLock()) }

  /// Creates a condition for what `lock` protects.
  public init(lock: Lock) { conditionLock = .plain(lock) }

  /// Creates a condition for what `lock` protects.
  public init(lock: RecursiveLock) { conditionLock = .recursive(lock) }

  /// The lock that is to be held by whoever waits or notifies.
  public var lock: any Lockable { conditionLock.lockable }

  /// Runs `body` with the lock held; see ``Lockable/withLock(fileID:line:_:)``.
  public func withLock<Result: ~Copyable, Failure: Error>(
    fileID: StaticString = #fileID, line: UInt = #line, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try lock.withLock(fileID: fileID, line: line, body)
  }

  /// How many threads wait now; it may be different when the call returns.
  public var waitingCount: Int { room.read { $1.count } }
}
