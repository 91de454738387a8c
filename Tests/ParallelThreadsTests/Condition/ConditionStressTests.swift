import ParallelCore
import Synchronization
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct ConditionStressTests {
  /// A store of limited size. Deliberately without protection of its own: only the condition's lock keeps it in step.
  private final class Store: @unchecked Sendable {
    // Sendable: touched only with the lock held.
    let lock = RecursiveLock()
    let mayTake: Condition
    let mayPut: Condition
    var items: [Int] = []
    var made = 0
    var sumMade = 0
    var taken = 0
    var sumTaken = 0

    init() {
      mayTake = Condition(lock: lock)
      mayPut = Condition(lock: lock)
    }

    func put(timeout: Duration?) throws -> Bool {
      guard try mayPut.wait(timeout: timeout, until: { items.count < 4 }) else { return false }
      made += 1
      sumMade += made
      items.append(made)
      mayTake.notify()
      return true
    }

    func take(timeout: Duration?) throws -> Bool {
      guard try mayTake.wait(timeout: timeout, until: { !items.isEmpty }) else { return false }
      taken += 1
      sumTaken += items.removeFirst()
      mayPut.notify()
      return true
    }
  }

  /// Each notification wakes one that can use it, so that nobody is left behind: those who wait without a limit end.
  @Test func everythingPutIsTakenOnce() async throws {
    let store = Store()
    try await StressCrew(for: "ConditionStressTests", release: 1_000_000).run { random in
      let depth = Int(random.next() % 3)
      for _ in 0...depth { store.lock.lock() }
      defer { for _ in 0...depth { store.lock.unlock() } }
      // Half of the operations put, half take; the limits see to it that nobody waits for the last one for ever.
      let timeout = random.shortTime()
      let puts = random.oneIn(2)
      do {
        if random.oneIn(8) {
          let token = CancellationToken(timeout: random.shortTime())
          _ = try token.bound { puts ? try store.put(timeout: timeout) : try store.take(timeout: timeout) }
        } else {
          _ = puts ? try store.put(timeout: timeout) : try store.take(timeout: timeout)
        }
      } catch is CancellationError {}
      #expect(store.lock.depth == depth + 1)
    }
    #expect(store.taken + store.items.count == store.made)
    #expect(store.sumTaken + store.items.reduce(0, +) == store.sumMade)
    #expect((store.mayTake.waitingCount, store.mayPut.waitingCount) == (0, 0))
    #expect((store.lock.isLocked, store.lock.depth) == (false, 0))
  }

  /// As many wake-ups as were asked for while somebody waited: not one more, not one less.
  @Test func asManyWakeUpsAsNotifications() async throws {
    let lock = Lock()
    let condition = Condition(lock: lock)
    let isDone = Atomic<Bool>(false)
    async let given: Int = onThread {
      var given = 0
      while !isDone.load(ordering: .relaxed) {
        lock.withLock {
          // Nobody comes without the lock, or leaves without a notification: the number is exact.
          given += min(2, condition.waitingCount)
          condition.notify(2)
        }
      }
      return given
    }
    let received = Atomic<Int>(0)
    try await StressCrew(for: "ConditionStressTests wake-ups", release: 200_000).run { _ in
      if try lock.withLock({ try condition.wait() }) { received.add(1, ordering: .relaxed) }
    }
    isDone.store(true, ordering: .relaxed)
    #expect(try await given == received.load(ordering: .relaxed))
    #expect(received.load(ordering: .relaxed) == rounds(release: 200_000) / 16 * 16)
  }
}
