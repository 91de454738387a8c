import ParallelCore
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct BarrierTests {
  @Test(arguments: [0, -1, Int.min]) func fewerThanOnePartyTraps(parties: Int) async {
    await #expect(processExitsWith: .failure) { [parties = parties as Int] in _ = Barrier(parties: parties) }
  }

  @Test func oneAloneNeverWaits() async throws {
    let rounds = Guarded(0)
    let barrier = Barrier(parties: 1) { rounds.withLock { $0 += 1 } }
    #expect(barrier.parties == 1)
    for _ in 0..<3 {
      #expect(try await barrier.wait() == 0)
      #expect(try await onThread { try barrier.wait(timeout: .zero) } == 0)
    }
    #expect(rounds.withLock { $0 } == 6)
    #expect((barrier.waitingCount, barrier.isBroken) == (0, false))
  }

  @Test func everybodyGetsAnotherNumberInTheOrderOfArrival() async throws {
    let barrier = Barrier(parties: 6)
    for _ in 0..<3 {
      let numbers = try await withThrowingTaskGroup { group in
        for place in 0..<6 {
          group.addTask {
            (place, place % 2 == 0 ? try await barrier.wait() : try await onThread { try barrier.wait() })
          }
          if place < 5 { try await eventually("\(place) came") { barrier.waitingCount == place + 1 } }
        }
        return try await group.reduce(into: [Int: Int]()) { $0[$1.0] = $1.1 }
      }
      #expect(numbers == [0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5])
      #expect((barrier.waitingCount, barrier.isBroken) == (0, false))
    }
  }

  @Test func theActionRunsOnceBeforeAnybodyGoesOn() async throws {
    let done = Guarded(0)
    let begun = try Gate(), goOn = try Gate()
    let barrier = Barrier(parties: 4) {
      begun.open()
      goOn.pass()
      done.withLock { $0 += 1 }
    }
    let early = Guarded(0)
    try await withThrowingTaskGroup { group in
      for _ in 0..<3 {
        group.addTask {
          _ = try await onThread { try barrier.wait() }
          early.withLock { $0 += done.withLock { $0 } == 1 ? 0 : 1 }
        }
      }
      try await barrier.room.hasInLine(3)
      group.addTask {
        let number = try await onThread { try barrier.wait() }
        #expect(number == 3)
        #expect(done.withLock { $0 } == 1)
      }
      try await begun.opened()
      #expect(barrier.room.read { $1.count } == 3)
      goOn.open()
      try await group.waitForAll()
    }
    #expect(early.withLock { $0 } == 0)
    #expect(done.withLock { $0 } == 1)
  }

  @Test func anActionThatThrowsBreaksTheBarrier() async throws {
    let barrier = Barrier(parties: 3) { throw Mishap(number: 9) }
    async let thread = onThread { try failure { try barrier.wait() } }
    async let task = failureOfTask { try await barrier.wait() }
    try await barrier.room.hasInLine(2)
    await #expect(throws: Mishap(number: 9)) { try await barrier.wait() }
    #expect(try await thread == .brokenBarrier)
    #expect(try await task == .brokenBarrier)
    #expect(barrier.isBroken)
    #expect(try await failureOfTask { try await barrier.wait() } == .brokenBarrier)
  }

  /// A round after the other, threads and tasks mixed: nobody is ever a round ahead.
  @Test func canBeUsedAgainAndAgain() async throws {
    let turns = rounds(release: 10_000)
    let arrivals = Guarded(0)
    let actions = Guarded(0)
    let barrier = Barrier(parties: 6) {
      actions.withLock { $0 += 1 }
      // All have come, and nobody has gone on.
      let (came, round) = (arrivals.withLock { $0 }, actions.withLock { $0 })
      if came != 6 * round { Issue.record("\(came) arrivals in \(round) rounds") }
    }
    let sums = try await withThrowingTaskGroup { group in
      for _ in 0..<3 {
        group.addTask {
          try await onThread {
            var sum = 0
            for _ in 0..<turns {
              arrivals.withLock { $0 += 1 }
              sum += try barrier.wait()
            }
            return sum
          }
        }
        group.addTask {
          var sum = 0
          for _ in 0..<turns {
            arrivals.withLock { $0 += 1 }
            sum += try await barrier.wait()
          }
          return sum
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(actions.withLock { $0 } == turns)
    #expect(sums == turns * (0 + 1 + 2 + 3 + 4 + 5))
    #expect((barrier.waitingCount, barrier.isBroken) == (0, false))
  }

  #if DEBUG
    @Test func blockingInATaskIsReported() {
      let barrier = Barrier(parties: 2)
      synchronously {
        _ = try? barrier.wait(timeout: .milliseconds(50), fileID: "BarrierTests/task", line: 7)
      }
      #expect(BlockingCheck.reportedSites.contains("BarrierTests/task:7"))
    }
  #endif
}
