import ParallelCore
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct ConditionPredicateTests {
  @Test(arguments: LockKind.allCases) func waitsUntilThePredicateHolds(kind: LockKind) async throws {
    let condition = kind.makeCondition()
    let state = Guarded(0)
    async let consumer: (Bool, Int) = onThread {
      try condition.withLock {
        let holds = try condition.wait { state.withLock { $0 } == 4 }
        #expect(condition.lock.isLocked)
        return (holds, state.withLock { $0 })
      }
    }
    for number in 1...4 {
      try await condition.room.hasInLine(1)
      condition.withLock {
        state.withLock { $0 = number }
        condition.notify()
      }
    }
    #expect(try await consumer == (true, 4))
    #expect(!condition.lock.isLocked)
  }

  @Test func aPredicateThatHoldsCostsNoWait() async throws {
    let condition = Condition()
    try await onThread {
      let token = CancellationToken()
      token.cancel()
      let holds = try token.bound { try condition.withLock { try condition.wait(timeout: .zero) { true } } }
      #expect(holds)
    }
  }

  @Test func givesUpAtItsDeadline() async throws {
    let condition = Condition()
    try await onThread {
      let deadline = Deadline(timeout: .milliseconds(20))
      let holds = try condition.withLock { try condition.wait(timeout: .milliseconds(20)) { false } }
      #expect(!holds)
      #expect(deadline.hasPassed)
    }
  }

  @Test(arguments: [Duration.zero, .seconds(-1)]) func withoutTimeItLooksOnce(timeout: Duration) async throws
  {
    let condition = Condition()
    let looks = try await onThread {
      var looks = 0
      _ = try condition.withLock {
        try condition.wait(timeout: timeout) {
          looks += 1
          return false
        }
      }
      return looks
    }
    #expect(looks == 1)
  }

  /// Notifications do not lengthen the time limit.
  @Test func theLimitIsForAllItsWaitsTogether() async throws {
    let condition = Condition()
    let isOver = Guarded(false)
    async let waiter = onThread {
      let holds = try condition.withLock { try condition.wait(timeout: .milliseconds(50)) { false } }
      isOver.withLock { $0 = true }
      return holds
    }
    try await eventually("over") {
      condition.withLock { condition.notifyAll() }
      return isOver.withLock { $0 }
    }
    #expect(try await !waiter)
  }

  @Test func whatThePredicateThrowsComesOutWithTheLockHeld() async throws {
    let condition = Condition()
    let throwsNow = Guarded(false)
    async let waiter: Bool = onThread {
      try condition.withLock {
        do {
          try condition.wait {
            if throwsNow.withLock({ $0 }) { throw Mishap() }
            return false
          }
        } catch is Mishap {
          return condition.lock.isLocked
        }
        return false
      }
    }
    try await condition.room.hasInLine(1)
    throwsNow.withLock { $0 = true }
    condition.withLock { condition.notify() }
    #expect(try await waiter)
    #expect(!condition.lock.isLocked)
    #expect(condition.waitingCount == 0)
  }
}
