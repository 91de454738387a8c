import Glibc
import ParallelCore
import TestSupport
import Testing

@Suite struct ParkingLockTests {
  /// Deliberately without protection of its own: only the lock under test keeps its parts in step.
  private final class Ledger: @unchecked Sendable {
    // Sendable: touched only with the lock held; a lock that fails shows as entries that do not add up.
    var first = 0
    var second = 0
    var inside = 0
    var mostInside = 0
  }

  @Test(arguments: [2, 8]) func letsOneThreadInAtATime(threads: Int) throws {
    let lock = ParkingLock()
    let ledger = Ledger()
    let seed = SeededRandom(for: "ParkingLockTests").seed
    let turns = rounds(release: 400_000)
    try onThreads(threads) { number in
      var random = SeededRandom(seed: seed &+ UInt64(number))
      for _ in 0..<turns {
        lock.lock()
        ledger.inside += 1
        ledger.mostInside = max(ledger.mostInside, ledger.inside)
        ledger.first += 1
        // Sometimes gives the processor away inside, so that the others go to sleep.
        switch random.next() % 256 {
        case 0: sched_yield()
        case 1..<8: for _ in 0..<50 { _ = random.next() }
        default: break
        }
        ledger.second += 1
        ledger.inside -= 1
        lock.unlock()
        if random.next() % 512 == 0 { sched_yield() }
      }
    }
    #expect(ledger.mostInside == 1)
    #expect(ledger.first == threads * turns)
    #expect(ledger.second == threads * turns)
  }

  @Test func sleepersAllGetTheirTurn() throws {
    let lock = ParkingLock()
    let entered = Guarded(0)
    lock.lock()
    let threads = try (0..<16).map { _ in
      try NativeThread.start(name: "sleeper") { lock.withLock { entered.withLock { $0 += 1 } } }
    }
    for _ in 0..<100 { sched_yield() }
    #expect(entered.withLock { $0 } == 0)
    lock.unlock()
    for thread in threads { thread.join() }
    #expect(entered.withLock { $0 } == 16)
  }

  @Test func isFreeAfterAnError() throws {
    struct Oops: Error {}
    let lock = ParkingLock()
    #expect(throws: Oops.self) { try lock.withLock { throw Oops() } }
    #expect(lock.withLock { 1 } == 1)
  }
}

@Suite struct GuardedTests {
  struct Oops: Error, Equatable { var number: Int }

  @Test func countsWhatAllThreadsAdd() throws {
    let total = Guarded(0)
    try onThreads(4) { _ in for _ in 0..<10_000 { total.withLock { $0 += 1 } } }
    #expect(total.withLock { $0 } == 40_000)
  }

  @Test func passesOnResultsAndErrorsAndStaysUsable() {
    let value = Guarded([1])
    #expect(value.withLock { $0.removeLast() } == 1)
    func fail() throws(Oops) {
      try value.withLock { value throws(Oops) in
        value.append(2)
        throw Oops(number: 3)
      }
    }
    #expect(throws: Oops(number: 3)) { try fail() }
    #expect(value.withLock { $0 } == [2])
  }
}
