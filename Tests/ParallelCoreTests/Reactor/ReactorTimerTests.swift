import Glibc
import ParallelCore
import TestSupport
import Testing

@Suite struct ReactorTimerTests {
  private let reactor = startedReactor()

  @Test func timersRunInOrderAndNeverEarly() throws {
    var random = SeededRandom(for: "ReactorTimerTests")
    let start = Deadline.now.nanoseconds
    // Many share a deadline: those keep the order in which they were scheduled.
    let deadlines = (0..<2_000).map { _ in
      Deadline(nanoseconds: start + 1_000_000 * UInt64.random(in: 0..<40, using: &random))
    }
    let ran = Guarded<[Int]>([])
    let parker = Parker()
    // From the reactor itself, so that none runs before all are there.
    reactor.perform { [reactor] in
      for (index, deadline) in deadlines.enumerated() {
        let timer = try? reactor.schedule(at: deadline) {
          #expect(Deadline.now >= deadline)
          let count = ran.withLock { ran in
            ran.append(index)
            return ran.count
          }
          if count == deadlines.count { parker.unpark() }
        }
        #expect(timer != nil)
      }
    }
    #expect(parker.park())
    let order = deadlines.indices.sorted { (deadlines[$0], $0) < (deadlines[$1], $1) }
    #expect(ran.withLock { $0 } == order)
  }

  @Test(arguments: [Deadline(nanoseconds: 0), Deadline(timeout: .zero), Deadline(timeout: .seconds(-1))])
  func aPastDeadlineIsDueAtOnce(deadline: Deadline) throws {
    let parker = Parker()
    _ = try reactor.schedule(at: deadline) { parker.unpark() }
    #expect(parker.park())
  }

  @Test func anEarlierTimerWakesAReactorThatSleepsForALaterOne() throws {
    let later = try reactor.schedule(at: Deadline(timeout: .seconds(3_600))) {
      Issue.record("an hour has passed")
    }
    for turn in 0..<200 {
      let parker = Parker()
      let deadline = Deadline(timeout: .microseconds(turn * 10))
      _ = try reactor.schedule(at: deadline) { parker.unpark() }
      #expect(parker.park())
      #expect(deadline.hasPassed)
    }
    later.cancel()
  }

  @Test func aCancelledTimerDoesNotRun() throws {
    let parker = Parker()
    let deadline = Deadline(timeout: .milliseconds(20))
    // From the reactor itself, so that none runs before it is cancelled.
    reactor.perform { [reactor] in
      for index in 0..<1_000 {
        let timer = try? reactor.schedule(at: deadline) { Issue.record("timer \(index) ran") }
        #expect(timer != nil)
        timer?.cancel()
        timer?.cancel()
      }
      let last = try? reactor.schedule(at: deadline) { parker.unpark() }
      #expect(last != nil)
    }
    #expect(parker.park())
  }

  @Test func aTimerMayScheduleAndCancelOthers() throws {
    let parker = Parker()
    let other = try reactor.schedule(at: Deadline(timeout: .seconds(3_600))) { Issue.record("it ran") }
    _ = try reactor.schedule(at: Deadline(timeout: .milliseconds(1))) { [reactor] in
      other.cancel()
      let next = try? reactor.schedule(at: Deadline(timeout: .milliseconds(1))) { parker.unpark() }
      #expect(next != nil)
    }
    #expect(parker.park())
  }

  @Test func aTimerWithoutALimitNeverRuns() throws {
    let timer = try reactor.schedule(at: .never) { Issue.record("it ran") }
    let far = try reactor.schedule(at: Deadline(nanoseconds: .max - 1)) { Issue.record("it ran") }
    let parker = Parker()
    _ = try reactor.schedule(at: Deadline(timeout: .milliseconds(2))) { parker.unpark() }
    #expect(parker.park())
    timer.cancel()
    far.cancel()
  }

  @Test func cancelledBodiesAreReleased() throws {
    final class Token: Sendable {}
    weak var weakToken: Token?
    do {
      let token = Token()
      weakToken = token
      try reactor.schedule(at: Deadline(timeout: .seconds(3_600))) { [token] in _ = token }.cancel()
    }
    #expect(weakToken == nil)
  }

  @Test func manyTimersFromManyThreads() throws {
    let turns = rounds(release: 40_000)
    let seed = SeededRandom(for: "ReactorTimerTests").seed
    let ran = Guarded(0)
    let kept = Guarded(0)
    try onThreads(4) { [reactor] number in
      var random = SeededRandom(seed: seed &+ UInt64(number))
      for _ in 0..<turns {
        let isKept = Bool.random(using: &random)
        let timeout: Duration =
          isKept ? .microseconds(Int.random(in: 0..<3_000, using: &random)) : .seconds(600)
        let deadline = Deadline(timeout: timeout)
        let timer = try reactor.schedule(at: deadline) {
          #expect(Deadline.now >= deadline)
          ran.withLock { $0 += 1 }
        }
        if isKept { kept.withLock { $0 += 1 } } else { timer.cancel() }
      }
    }
    while ran.withLock({ $0 }) < kept.withLock({ $0 }) { sched_yield() }
    let parker = Parker()
    reactor.perform { parker.unpark() }
    #expect(parker.park())
    #expect(ran.withLock { $0 } == kept.withLock { $0 })
  }
}
