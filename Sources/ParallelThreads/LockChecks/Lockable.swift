/// What ``Lock`` and ``RecursiveLock`` have in common.
///
/// ```swift
/// func update(under lock: some Lockable) {
///   lock.withLock { refresh() }
/// }
/// ```
public protocol Lockable: AnyObject, Sendable {
  /// Takes the lock; blocks the thread until it is free.
  @available(*, noasync, message: "locks belong to threads; use withLock with a short body")
  func lock(fileID: StaticString, line: UInt)

  /// Takes the lock, or gives up and returns false; blocks the thread meanwhile.
  @available(*, noasync, message: "locks belong to threads; use withLock with a short body")
  func lock(timeout: Duration?, fileID: StaticString, line: UInt) -> Bool

  /// Takes the lock if that needs no waiting, and returns whether it did.
  @available(*, noasync, message: "locks belong to threads; use withLock with a short body")
  func tryLock(fileID: StaticString, line: UInt) -> Bool

  /// Gives the lock back.
  @available(*, noasync, message: "locks belong to threads; use withLock with a short body")
  func unlock()

  /// Whether somebody holds the lock now.
  var isLocked: Bool { get }
}

extension Lockable {
  /// Runs `body` with the lock held, and gives the lock back also when `body` throws.
  ///
  /// Blocks the thread until the lock is free, in a task too: keep such bodies short.
  ///
  /// - Parameters:
  ///   - fileID: Where debug builds report a wait for oneself or a lock order that may deadlock.
  ///   - line: The line in that file.
  ///   - body: What to do.
  /// - Returns: What `body` returns.
  @inlinable
  public func withLock<Result: ~Copyable, Failure: Error>(
    fileID: StaticString = #fileID, line: UInt = #line, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock(fileID: fileID, line: line)
    defer { unlock() }
    return try body()
  }
}

extension Lock: Lockable {}
extension RecursiveLock: Lockable {}
