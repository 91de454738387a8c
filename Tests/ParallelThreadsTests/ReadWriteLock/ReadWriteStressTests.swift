import Glibc
import ParallelCore
import Synchronization
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct ReadWriteStressTests {
  private struct Counts {
    var writes = 0
    var reads = 0
    var refusals = 0
  }

  @Test func nobodyIsInTogetherWithAWriter() throws {
    let lock = ReadWriteLock()
    let ledger = Ledger()
    let inside = Atomic<Int>(0)
    let total = Guarded(Counts())
    let seed = SeededRandom(for: "ReadWriteStressTests").seed
    let turns = rounds(release: 2_000_000) / 8
    let interrupter = Interrupter()
    let signals = try NativeThread.start(name: "signals") { interrupter.run() }

    @Sendable func read(_ random: inout SeededRandom) {
      #expect(inside.add(1, ordering: .relaxed).newValue > 0)
      if ledger.first != ledger.second { Issue.record("a reader saw half a change") }
      if random.next() % 256 == 0 { sched_yield() }
      inside.subtract(1, ordering: .relaxed)
      lock.unlockAfterReading()
    }
    @Sendable func write(_ random: inout SeededRandom) {
      // Far below zero while a writer is in: readers would count from there.
      if inside.add(-1_000, ordering: .relaxed).newValue != -1_000 { Issue.record("a writer is not alone") }
      ledger.first += 1
      if random.next() % 256 == 0 { sched_yield() }
      ledger.second += 1
      inside.add(1_000, ordering: .relaxed)
      lock.unlockAfterWriting()
    }
    @Sendable func turn(_ random: inout SeededRandom, _ counts: inout Counts) {
      let reads = random.next() % 4 != 0
      let limit = Duration.microseconds(Int64(random.next() % 200))
      let isIn: Bool
      switch random.next() % 8 {
      case 0: isIn = reads ? lock.tryLockForReading() : lock.tryLockForWriting()
      case 1, 2: isIn = reads ? lock.lockForReading(timeout: limit) : lock.lockForWriting(timeout: limit)
      default:
        if reads { lock.lockForReading() } else { lock.lockForWriting() }
        isIn = true
      }
      if !isIn {
        counts.refusals += 1
      } else if reads {
        counts.reads += 1
        read(&random)
      } else {
        counts.writes += 1
        write(&random)
      }
    }

    let threads = try (0..<8).map { number in
      try NativeThread.start(name: "stress-\(number)", receivesSignals: true) {
        var random = SeededRandom(seed: seed &+ UInt64(number))
        var counts = Counts()
        interrupter.interrupting { for _ in 0..<turns { turn(&random, &counts) } }
        total.withLock { total in
          total.reads += counts.reads
          total.writes += counts.writes
          total.refusals += counts.refusals
        }
      }
    }
    for thread in threads { thread.join() }
    interrupter.stop()
    signals.join()
    let counts = total.withLock { $0 }
    #expect(counts.reads + counts.writes + counts.refusals == 8 * turns)
    #expect(ledger.first == counts.writes)
    #expect(ledger.second == counts.writes)
    #expect(lock.word.load(ordering: .relaxed) == .free)
    #expect(lock.line.withLock { $0.count } == 0)
  }
}
