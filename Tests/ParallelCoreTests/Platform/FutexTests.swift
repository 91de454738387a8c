import ParallelCore
import Synchronization
import Testing

@Suite struct FutexTests {
  private final class Word: Sendable {
    let value = Atomic<UInt32>(0)
  }

  @Test func doesNotSleepWhenTheWordDiffers() {
    let word = Word()
    #expect(Futex.wait(word.value, while: 1, until: .never) == .lookAgain)
  }

  @Test(arguments: [UInt64(0), 1]) func aPastDeadlineEndsTheWaitAtOnce(nanoseconds: UInt64) {
    let word = Word()
    #expect(Futex.wait(word.value, while: 0, until: Deadline(nanoseconds: nanoseconds)) == .timedOut)
  }

  @Test func sleepsUntilTheDeadline() {
    let word = Word()
    let deadline = Deadline(timeout: .milliseconds(3))
    while Futex.wait(word.value, while: 0, until: deadline) != .timedOut {}
    #expect(deadline.hasPassed)
  }

  @Test func wakesAllSleepers() throws {
    let word = Word()
    let started = Guarded(0)
    let threads = try (0..<8).map { _ in
      try NativeThread.start(name: "futex") {
        started.withLock { $0 += 1 }
        while word.value.load(ordering: .acquiring) == 0 {
          _ = Futex.wait(word.value, while: 0, until: .never)
        }
      }
    }
    while started.withLock({ $0 }) < 8 {}
    word.value.store(1, ordering: .releasing)
    Futex.wake(word.value, count: .max)
    for thread in threads { thread.join() }
  }

  @Test func sleepersWhoseTurnHasNotComeGoBackToSleep() throws {
    let turn = Word()
    let done = Guarded<[UInt32]>([])
    let threads = try (1...4 as ClosedRange<UInt32>).map { number in
      try NativeThread.start(name: "futex") {
        var now = turn.value.load(ordering: .acquiring)
        while now < number {
          _ = Futex.wait(turn.value, while: now, until: .never)
          now = turn.value.load(ordering: .acquiring)
        }
        done.withLock { $0.append(number) }
      }
    }
    for number in 1...4 as ClosedRange<UInt32> {
      turn.value.store(number, ordering: .releasing)
      Futex.wake(turn.value, count: .max)
      while done.withLock({ $0.count }) < number {}
      #expect(done.withLock { $0.last } == number)
    }
    for thread in threads { thread.join() }
  }
}
