import ParallelCore
import TestSupport
import Testing

@Suite struct TimekeeperTests {
  /// Keeps a timekeeper's thread busy while `body` schedules, so that all is due at once.
  private func whileBusy(_ timekeeper: Timekeeper, _ body: () throws -> Void) throws {
    let (isBusy, mayGoOn) = (Parker(), Parker())
    _ = timekeeper.schedule(at: .now) {
      isBusy.unpark()
      _ = mayGoOn.park()
    }
    #expect(isBusy.park())
    defer { mayGoOn.unpark() }
    try body()
  }

  @Test func callsWhenTheTimeHasComeAndNotBefore() async throws {
    let timekeeper = Timekeeper()
    let called = Guarded<Deadline?>(nil)
    let deadline = Deadline(timeout: .milliseconds(3))
    _ = timekeeper.schedule(at: deadline) { called.withLock { $0 = .now } }
    try await eventually("the call") { called.withLock { $0 != nil } }
    #expect(called.withLock { $0! } >= deadline)
    #expect(timekeeper.timerCount == 0)
  }

  @Test func callsInOrderOfTimeAndThenOfScheduling() async throws {
    let timekeeper = Timekeeper()
    let called = Guarded<[Int]>([])
    let times = [3, 1, 2, 1, 3, 0, 2, 1]
    try await onThread { [self] in
      try whileBusy(timekeeper) {
        for (number, time) in times.enumerated() {
          let deadline = Deadline(nanoseconds: UInt64(time))
          _ = timekeeper.schedule(at: deadline) { called.withLock { $0.append(number) } }
        }
      }
    }
    try await eventually("all calls") { called.withLock { $0.count } == times.count }
    #expect(called.withLock { $0 } == [5, 1, 3, 7, 2, 6, 0, 4])
  }

  @Test func whatIsTakenBackIsNotCalled() async throws {
    final class Token: Sendable {}
    let timekeeper = Timekeeper()
    let called = Guarded<[Int]>([])
    weak var token: Token?
    try await onThread { [self] in
      try whileBusy(timekeeper) {
        let timers = (0..<10).map { number in
          timekeeper.schedule(at: .now) { called.withLock { $0.append(number) } }
        }
        for number in stride(from: 0, to: 10, by: 2) {
          timers[number].cancel()
          timers[number].cancel()
        }
        #expect(timekeeper.timerCount == 5)
      }
    }
    do {
      let kept = Token()
      token = kept
      let timer = timekeeper.schedule(at: .never) { withExtendedLifetime(kept) {} }
      timer.cancel()
    }
    #expect(token == nil, "the body is let go of when the timer is taken back")
    try await eventually("the others are called") { called.withLock { $0.count } == 5 }
    #expect(called.withLock { $0 } == [1, 3, 5, 7, 9])
    #expect(timekeeper.timerCount == 0)
  }

  @Test func takingBackWhatWasCalledDoesNothing() async throws {
    let timekeeper = Timekeeper()
    let called = Guarded(0)
    let timer = timekeeper.schedule(at: .now) { called.withLock { $0 += 1 } }
    try await eventually("the call") { called.withLock { $0 } == 1 }
    timer.cancel()
    let next = timekeeper.schedule(at: .now) { called.withLock { $0 += 1 } }
    try await eventually("the next call") { called.withLock { $0 } == 2 }
    next.cancel()
    #expect(timekeeper.timerCount == 0)
  }

  /// Each timer is earlier than what the thread sleeps for: it has to be woken.
  @Test func anEarlierTimerWakesTheThread() async throws {
    let timekeeper = Timekeeper()
    let called = Guarded(0)
    let timers = (1...3).map { hours in
      timekeeper.schedule(at: Deadline(timeout: .seconds(3600 * (4 - hours)))) {
        called.withLock { $0 += 100 }
      }
    }
    for round in 1...rounds(release: 2_000) {
      let deadline = Deadline(timeout: .nanoseconds(round * 37 % 200_000))
      _ = timekeeper.schedule(at: deadline) { called.withLock { $0 += 1 } }
      try await eventually("call \(round)") { called.withLock { $0 } == round }
    }
    for timer in timers { timer.cancel() }
    #expect(timekeeper.timerCount == 0)
  }

  @Test func aCallMayScheduleAndTakeBack() async throws {
    let timekeeper = Timekeeper()
    let called = Guarded<[Int]>([])
    let doomed = timekeeper.schedule(at: Deadline(timeout: .seconds(3600))) {
      called.withLock { $0.append(-1) }
    }
    @Sendable func chain(_ number: Int) {
      called.withLock { $0.append(number) }
      if number == 0 { doomed.cancel() }
      if number < 5 { _ = timekeeper.schedule(at: .now) { chain(number + 1) } }
    }
    _ = timekeeper.schedule(at: .now) { chain(0) }
    try await eventually("all calls") { called.withLock { $0.count } == 6 }
    #expect(called.withLock { $0 } == [0, 1, 2, 3, 4, 5])
    #expect(timekeeper.timerCount == 0)
  }

  /// Most are taken back, from the middle too: what is left is called, once each.
  @Test func manyTimersFromManyThreads() throws {
    let timekeeper = Timekeeper()
    let seed = SeededRandom(for: "TimekeeperTests").seed
    let (kept, called) = (Guarded(0), Guarded(0))
    // Too late to be taken back: called or not, but counted.
    let uncertain = Guarded(0)
    try onThreads(4) { number in
      var random = SeededRandom(seed: seed &+ UInt64(number))
      for _ in 0..<rounds(release: 40_000) {
        let isCalled = Guarded(false)
        let isFar = random.next() % 2 == 0
        let delay = isFar ? Duration.seconds(3600) : .nanoseconds(Int(random.next() % 100_000))
        let timer = timekeeper.schedule(at: Deadline(timeout: delay)) {
          called.withLock { $0 += 1 }
          isCalled.withLock { isCalled in
            #expect(!isCalled)
            isCalled = true
          }
        }
        if isFar || random.next() % 4 == 0 {
          timer.cancel()
          if isFar { #expect(!isCalled.withLock { $0 }) } else { uncertain.withLock { $0 += 1 } }
        } else {
          kept.withLock { $0 += 1 }
        }
      }
    }
    try eventually("all who were kept are called") { timekeeper.timerCount == 0 }
    try eventually("the last calls") { called.withLock { $0 } >= kept.withLock { $0 } }
    #expect(called.withLock { $0 } <= kept.withLock { $0 } + uncertain.withLock { $0 })
  }

  @Test func timersAreKeptWhileTheSystemRefusesTheThread() async throws {
    let refusals = Guarded(0)
    let timekeeper = Timekeeper { _ throws(ParallelError) in
      refusals.withLock { $0 += 1 }
      throw ParallelError(.system, "no thread left")
    }
    for round in 1...2 {
      let calls = Guarded(0)
      let gate = try Gate()
      for delay in [3, 1, 2] {
        _ = timekeeper.schedule(at: Deadline(timeout: .milliseconds(delay))) {
          if calls.withLock({
            $0 += 1; return $0
          }) == 3 {
            gate.open()
          }
        }
      }
      try await gate.opened()
      // When there is nothing left to do, the next timer tries the thread again.
      try await eventually("the next timer tries again") {
        _ = timekeeper.schedule(at: .now) {}
        return refusals.withLock { $0 } > round
      }
    }
  }
}
