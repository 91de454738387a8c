import Parallel

/// A number that several threads may change. Methods that use each other take the lock again: it is recursive.
final class ThreadSafeCount: @unchecked Sendable {
  // Sendable: `count` is touched only with the lock held.
  private let lock = RecursiveLock()
  private var count = 0

  var value: Int { lock.withLock { count } }

  @discardableResult
  func increase(by amount: Int = 1) -> Int {
    lock.withLock {
      count += amount
      return value
    }
  }
}
