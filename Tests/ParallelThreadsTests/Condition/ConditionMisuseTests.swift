import ParallelCore
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct ConditionMisuseTests {
  @Test func withoutTheLockEveryCallTraps() async {
    let wait = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      try await onThread { _ = try Condition().wait() }
    }
    #expect(standardError(of: wait).contains("Condition.wait() without its lock"))
    let until = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      try await onThread { _ = try Condition(lock: Lock()).wait { true } }
    }
    #expect(standardError(of: until).contains("Condition.wait(until:) without its lock"))
    let notify = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      synchronously { Condition(lock: Lock()).notify() }
    }
    #expect(standardError(of: notify).contains("Condition.notify() without its lock"))
    let notifyAll = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      synchronously { Condition(lock: RecursiveLock()).notifyAll() }
    }
    #expect(standardError(of: notifyAll).contains("Condition.notifyAll() without its lock"))
  }

  @Test func theLockOfAnotherThreadIsNotEnough() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let lock = RecursiveLock()
      try await onThread { lock.lock() }
      try await onThread { Condition(lock: lock).notify() }
    }
    #expect(standardError(of: result).contains("Condition.notify() without its lock"))
  }

  @Test(arguments: [0, -1, Int.min]) func wakingNobodyTraps(count: Int) async {
    await #expect(processExitsWith: .failure) { [count = count as Int] in
      let condition = Condition()
      condition.withLock { condition.notify(count) }
    }
  }
}
