import ParallelCore
import ParallelThreads
import TestSupport
import Testing

@Suite struct OnceTests {
  @Test func runsOnce() {
    let once = Once()
    var runs = 0
    #expect(!once.isDone)
    for _ in 0..<3 { once.run { runs += 1 } }
    #expect(runs == 1)
    #expect(once.isDone)
  }

  @Test func aRunThatThrowsLetsTheNextTry() throws {
    let once = Once()
    var runs = 0
    for _ in 0..<3 {
      #expect(throws: Oops.self) {
        try once.run { () throws(Oops) in
          runs += 1
          throw Oops()
        }
      }
      #expect(!once.isDone)
    }
    once.run { runs += 1 }
    once.run { runs += 1 }
    #expect(runs == 4)
    #expect(once.isDone)
  }

  @Test func thoseWhoComeMeanwhileWaitAndSeeWhatWasDone() async throws {
    let once = Once()
    let isRunning = try Gate(), goOn = try Gate()
    let made = Guarded(0)
    let first = try WorkerThread.start {
      once.run {
        isRunning.open()
        goOn.pass()
        made.withLock { $0 = 1 }
      }
    }
    try await isRunning.opened()
    let others = try (0..<8).map { _ in
      try WorkerThread.start { () -> Int in
        once.run { made.withLock { $0 += 100 } }
        return made.withLock { $0 }
      }
    }
    #expect(!once.isDone)
    let allWait = others.allSatisfy(\.isAlive)
    #expect(allWait)
    goOn.open()
    for thread in others { #expect(try await thread.join() == 1) }
    try await first.join()
  }

  @Test func oneWhoWaitedForARunThatThrewRunsItself() async throws {
    let once = Once()
    let isRunning = try Gate(), goOn = try Gate()
    let runs = Guarded<[String]>([])
    let first = try WorkerThread.start {
      try once.run { () throws(Oops) in
        isRunning.open()
        goOn.pass()
        runs.withLock { $0.append("failed") }
        throw Oops()
      }
    }
    try await isRunning.opened()
    let others = try (0..<4).map { _ in
      try WorkerThread.start { once.run { runs.withLock { $0.append("done") } } }
    }
    goOn.open()
    for thread in others { try await thread.join() }
    await #expect(throws: Oops.self) { try await first.join() }
    #expect(runs.withLock { $0 } == ["failed", "done"])
  }

  @Test func oneInsideAnotherIsFine() {
    let outer = Once(), inner = Once()
    var runs = 0
    outer.run { inner.run { runs += 1 } }
    inner.run { runs += 1 }
    #expect(runs == 1)
  }

  @Test func runningItInsideItselfTraps() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let once = Once()
      once.run { once.run {} }
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(text.contains("called run of the same Once"))
  }
}
