import Glibc
import ParallelCore
import Synchronization
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct LockStressTests {
  @Test func letsOneThreadInAtATime() async throws {
    let lock = Lock()
    let ledger = Ledger()
    // Relaxed, so that they order nothing between the threads.
    let taken = Atomic<Int>(0)
    let refused = Atomic<Int>(0)
    try await StressCrew(for: "LockStressTests", release: 2_000_000).run { random in
      let isIn =
        switch random.next() % 8 {
        case 0: lock.tryLock()
        case 1, 2: lock.lock(timeout: random.shortTime())
        default: lock.lock(timeout: nil)
        }
      guard isIn else {
        refused.add(1, ordering: .relaxed)
        return
      }
      taken.add(1, ordering: .relaxed)
      ledger.first += 1
      // Now and then the processor is given away inside, so that the others go to sleep.
      if random.oneIn(256) { sched_yield() }
      ledger.second += 1
      lock.unlock()
    }
    #expect(ledger.first == taken.load(ordering: .relaxed))
    #expect(ledger.second == ledger.first)
    #expect(ledger.first + refused.load(ordering: .relaxed) == rounds(release: 2_000_000) / 16 * 16)
    #expect(!lock.isLocked)
  }
}
