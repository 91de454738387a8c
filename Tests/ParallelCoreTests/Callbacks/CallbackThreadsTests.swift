import ParallelCore
import TestSupport
import Testing

@Suite struct CallbackScheduleTests {
  private final class Sleeper {}

  private func isIdle(_ schedule: inout CallbackSchedule<Sleeper>, _ sleeper: Sleeper) -> Bool {
    schedule.next(for: sleeper) == nil
  }

  private func ends(_ schedule: inout CallbackSchedule<Sleeper>, _ sleeper: Sleeper) -> Bool {
    schedule.expire(sleeper)
  }

  @Test func startsThreadsUpToTheLimitThenQueues() {
    var schedule = CallbackSchedule<Sleeper>(limit: 2)
    for _ in 0..<2 {
      guard case .startThread = schedule.submit({}) else { Issue.record("no thread"); return }
    }
    guard case .nothing = schedule.submit({}) else { Issue.record("over the limit"); return }
    let sleeper = Sleeper()
    for _ in 0..<3 { #expect(!isIdle(&schedule, sleeper)) }
    #expect(isIdle(&schedule, sleeper))
    schedule.threadFailedToStart()
    #expect(schedule.threads == 1)
  }

  @Test func wakesTheLastToSleepAndLetsTheOthersEnd() {
    var schedule = CallbackSchedule<Sleeper>(limit: 2)
    let (first, second) = (Sleeper(), Sleeper())
    for sleeper in [first, second] {
      _ = schedule.submit {}
      _ = schedule.next(for: sleeper)
    }
    #expect(isIdle(&schedule, first))
    #expect(isIdle(&schedule, second))
    guard case .wake(let woken) = schedule.submit({}) else { Issue.record("nobody woken"); return }
    #expect(woken === second)
    #expect(!ends(&schedule, second))
    #expect(ends(&schedule, first))
    #expect(!ends(&schedule, first))
    #expect(schedule.threads == 1)
  }

  @Test func aStaleWakeUpAddsNoSecondEntry() {
    var schedule = CallbackSchedule<Sleeper>(limit: 1)
    let sleeper = Sleeper()
    _ = schedule.submit {}
    _ = schedule.next(for: sleeper)
    for _ in 0..<2 { #expect(isIdle(&schedule, sleeper)) }
    #expect(ends(&schedule, sleeper))
    #expect(schedule.threads == 0)
  }
}

@Suite struct CallbackThreadsTests {
  @Test func asManyThreadsAsBlockUpToTheLimit() async throws {
    let threads = CallbackThreads(limit: 4, idleTime: .seconds(86_400))
    let gates = (0..<6).map { _ in Parker() }
    let started = Guarded(0)
    let ended = Guarded(0)
    for gate in gates {
      threads.run {
        started.withLock { $0 += 1 }
        _ = gate.park()
        ended.withLock { $0 += 1 }
      }
    }
    try await eventually("all threads are busy") { started.withLock { $0 } == 4 }
    #expect(threads.threadCount == 4)
    for gate in gates { gate.unpark() }
    try await eventually("all jobs have ended") { ended.withLock { $0 } == 6 }
    #expect(threads.threadCount == 4)
  }

  @Test func idleThreadsEndAndComeBack() async throws {
    let threads = CallbackThreads(limit: 4, idleTime: .milliseconds(1))
    for _ in 0..<50 {
      await withCheckedContinuation { continuation in threads.run { continuation.resume() } }
      try await eventually("idle threads end") { threads.threadCount == 0 }
    }
  }

  @Test func noJobIsLostAmongThreadsThatEnd() async throws {
    let threads = CallbackThreads(limit: 2, idleTime: .microseconds(1))
    let count = Guarded(0)
    for _ in 0..<2_000 { threads.run { count.withLock { $0 += 1 } } }
    try await eventually("all jobs are done") { count.withLock { $0 } == 2_000 && threads.threadCount == 0 }
  }
}
