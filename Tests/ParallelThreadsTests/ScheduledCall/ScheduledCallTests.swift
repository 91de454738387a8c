import ParallelCore
import ParallelThreads
import Synchronization
import TestSupport
import Testing

@Suite struct ScheduledCallTests {
  @Test func callsOnceAndNotBeforeItsTime() async throws {
    let calls = Atomic<Int>(0)
    let due = Deadline(timeout: .milliseconds(20))
    let early = Atomic<Bool>(false)
    let call = ScheduledCall(after: .milliseconds(20)) {
      if !due.hasPassed { early.store(true, ordering: .relaxed) }
      calls.add(1, ordering: .relaxed)
    }
    try await call.wait()
    #expect(calls.load(ordering: .relaxed) == 1)
    #expect(early.load(ordering: .relaxed) == false)
    #expect(call.isOver)
    #expect(!call.cancel())
  }

  @Test(arguments: [Duration.zero, .seconds(-3)]) func aDelayThatHasPassedMeansAtOnce(
    delay: Duration
  ) async throws {
    let gate = try Gate()
    ScheduledCall(after: delay) { gate.open() }
    try await gate.opened()
  }

  @Test func aCancelledCallIsNotMade() async throws {
    let called = Atomic<Bool>(false)
    let call = ScheduledCall(after: .seconds(3600)) { called.store(true, ordering: .relaxed) }
    #expect(!call.isOver)
    #expect(try await !call.wait(timeout: .zero))
    #expect(call.cancel())
    #expect(!call.cancel())
    #expect(try await call.wait())
    #expect(called.load(ordering: .relaxed) == false)
  }

  @Test func repeatsUntilItIsCancelled() async throws {
    let calls = Monitor(0)
    let call = ScheduledCall(every: .milliseconds(1)) { calls.withLock { $0 += 1 } }
    try await calls.wait(until: { $0 >= 5 })
    #expect(call.cancel())
    try await call.wait()
    let last = calls.withLock { $0 }
    // Whatever was on its way has been made before wait() returned.
    #expect(try await !calls.wait(until: { $0 > last }, timeout: .milliseconds(20)))
  }

  @Test func neverOverlapsItselfAndLeavesOutWhatItIsTooLateFor() async throws {
    let inside = Atomic<Int>(0)
    let most = Atomic<Int>(0)
    let first = try Gate()
    let goOn = try Gate()
    let calls = Monitor(0)
    let begin = ContinuousClock.now
    let call = ScheduledCall(every: .milliseconds(2), after: .zero) {
      let now = inside.add(1, ordering: .relaxed).newValue
      most.max(now, ordering: .relaxed)
      if calls.withLock({ $0 }) == 0 {
        first.open()
        goOn.pass()
      }
      calls.withLock { $0 += 1 }
      inside.subtract(1, ordering: .relaxed)
    }
    try await first.opened()
    // Ten calls' time passes in the first one.
    try await Task.sleep(for: .milliseconds(20))
    goOn.open()
    try await calls.wait(until: { $0 >= 3 })
    call.cancel()
    try await call.wait()
    #expect(most.load(ordering: .relaxed) == 1)
    let passed = (ContinuousClock.now - begin) / .milliseconds(2)
    #expect(Double(calls.withLock { $0 }) <= passed - 8)
  }

  @Test func cancellingFromTheBodyEndsTheRepetition() async throws {
    let calls = Atomic<Int>(0)
    let own = Monitor<ScheduledCall?>(nil)
    let call = ScheduledCall(every: .milliseconds(1)) {
      calls.add(1, ordering: .relaxed)
      try? own.withLock(when: { $0 != nil }) { _ = $0?.cancel() }
    }
    own.withLock { $0 = call }
    try await call.wait()
    #expect(calls.load(ordering: .relaxed) == 1)
  }

  @Test func waitingForItselfIsMisuse() async throws {
    let own = Monitor<ScheduledCall?>(nil)
    let caught = Monitor<ParallelError.Code?>(nil)
    let call = ScheduledCall(after: .zero) {
      guard let call = try? own.withLock(when: { $0 != nil }, { $0 }) else { return }
      do { try call.wait() } catch { caught.withLock { $0 = (error as? ParallelError)?.code } }
    }
    own.withLock { $0 = call }
    try await call.wait()
    #expect(caught.withLock { $0 } == .misuse)
  }

  @Test func aBodyThatBlocksDelaysNoOtherCall() async throws {
    let goOn = try Gate()
    let begun = try Gate()
    let blocked = ScheduledCall(after: .zero) {
      begun.open()
      goOn.pass()
    }
    try await begun.opened()
    try await ScheduledCall(after: .zero) {}.wait()
    #expect(!blocked.isOver)
    goOn.open()
    try await blocked.wait()
  }

  @Test func threadsWaitToo() async throws {
    let goOn = try Gate()
    let call = ScheduledCall(after: .zero) { goOn.pass() }
    let ends = try await onThread {
      let early = try call.wait(timeout: .milliseconds(1))
      goOn.open()
      return (early, try call.wait())
    }
    #expect(ends == (false, true))
  }

  @Test func cancellingATaskEndsItsWaitAndNotTheCall() async throws {
    let goOn = try Gate()
    let call = ScheduledCall(after: .zero) { goOn.pass() }
    let waiting = Task { try await call.wait() }
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
    goOn.open()
    try await call.wait()
  }

  @Test func anIntervalOfNothingTraps() async {
    await #expect(processExitsWith: .failure) { ScheduledCall(every: .zero) {} }
  }

  /// Calls that are cancelled at about their time are made or not, and never both; nothing is left behind.
  @Test func cancellingRacesWithTheTime() async throws {
    var random = SeededRandom(for: "ScheduledCallTests")
    let calls = Atomic<Int>(0)
    var made = 0
    let turns = rounds(release: 20_000)
    for _ in 0..<turns {
      let delay = Duration.nanoseconds(Int64.random(in: 0..<100_000, using: &random))
      let call = ScheduledCall(after: delay) { calls.add(1, ordering: .relaxed) }
      let pause = Int.random(in: 0..<3000, using: &random)
      for _ in 0..<pause { _ = calls.load(ordering: .relaxed) }
      if !call.cancel() { made += 1 }
      try await call.wait()
    }
    #expect(calls.load(ordering: .relaxed) == made)
    print("ScheduledCallTests: \(made) of \(turns) calls were made")
  }
}
