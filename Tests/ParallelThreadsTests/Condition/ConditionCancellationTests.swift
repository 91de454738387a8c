import ParallelCore
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct ConditionCancellationTests {
  @Test(arguments: LockKind.allCases) func aCancelledWaitThrowsWithTheLockHeld(kind: LockKind) async throws {
    let condition = kind.makeCondition()
    let token = CancellationToken()
    async let waiter: Bool = onThread {
      try token.bound {
        try condition.withLock {
          let isOver = try isCancelled { try condition.wait() }
          return isOver && condition.lock.isLocked
        }
      }
    }
    try await condition.room.hasInLine(1)
    token.cancel()
    #expect(try await waiter)
    #expect(!condition.lock.isLocked)
    #expect(condition.waitingCount == 0)
  }

  @Test func theDepthOfARecursiveLockIsRestored() async throws {
    let lock = RecursiveLock()
    let condition = Condition(lock: lock)
    let token = CancellationToken()
    async let depth = onThread {
      try token.bound {
        try lock.withLock {
          try lock.withLock {
            _ = try isCancelled { try condition.wait { false } }
            return lock.depth
          }
        }
      }
    }
    try await condition.room.hasInLine(1)
    token.cancel()
    #expect(try await depth == 2)
    #expect(!lock.isLocked)
  }

  /// One who is cancelled takes no notification that another could have used.
  @Test func aCancelledWaiterSwallowsNoNotification() async throws {
    let condition = Condition()
    let token = CancellationToken()
    async let first = onThread {
      try token.bound { try condition.withLock { try isCancelled { try condition.wait() } } }
    }
    try await condition.room.hasInLine(1)
    async let second = onThread { try condition.withLock { try condition.wait() } }
    try await condition.room.hasInLine(2)
    condition.withLock {
      token.cancel()
      condition.notify()
    }
    #expect(try await first)
    #expect(try await second)
  }

  @Test func aNotificationThatCameFirstWins() async throws {
    let condition = Condition()
    let token = CancellationToken()
    async let waiter = onThread { try token.bound { try condition.withLock { try condition.wait() } } }
    try await condition.room.hasInLine(1)
    condition.withLock {
      condition.notify()
      token.cancel()
    }
    #expect(try await waiter)
  }
}
