import Glibc
import ParallelCore
import Synchronization
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct RecursiveLockStressTests {
  @Test func letsOneThreadInHoweverDeep() async throws {
    let lock = RecursiveLock()
    let ledger = Ledger()
    // Relaxed, so that it orders nothing between the threads.
    let taken = Atomic<Int>(0)
    try await StressCrew(for: "RecursiveLockStressTests", release: 1_000_000).run { random in
      let isIn =
        switch random.next() % 8 {
        case 0: lock.tryLock()
        case 1, 2: lock.lock(timeout: random.shortTime())
        default: lock.lock(timeout: nil)
        }
      guard isIn else { return }
      let depth = Int(random.next() % 4)
      for level in 0..<depth {
        #expect(lock.depth == level + 1)
        // The owner never waits, whoever else does.
        #expect(random.oneIn(2) ? lock.tryLock() : lock.lock(timeout: .zero))
      }
      taken.add(1, ordering: .relaxed)
      ledger.first += 1
      if random.oneIn(256) { sched_yield() }
      ledger.second += 1
      for _ in 0..<depth { lock.unlock() }
      #expect(lock.depth == 1)
      lock.unlock()
    }
    #expect(ledger.first == taken.load(ordering: .relaxed))
    #expect(ledger.second == ledger.first)
    #expect((lock.isLocked, lock.depth) == (false, 0))
  }
}
