import ParallelCore
import TestSupport
import Testing

/// The checker is right about what can be counted by hand.
@Suite(.disabled(if: isThreadSanitized, "one thread simulates all others")) struct CheckerTests {
  @Test func countsTheOrdersOfIndependentSteps() throws {
    var scenario = Scenario(words: [], shared: [0, 0])
    for number in 0..<2 {
      scenario.thread("thread \(number)") { me throws(Suspended) in
        for _ in 0..<3 {
          try me.step("counts") { counts in
            counts[number] += 1
            return counts[number]
          }
        }
      }
    }
    let report = try scenario.check()
    #expect(report.schedules == 20, "6 steps, 3 of them of one thread")
    #expect(report.states == 16, "each has done 0, 1, 2 or 3 steps")
    #expect(report.longest == 6)
  }

  @Test func aThreadRunsItsRounds() throws {
    var scenario = Scenario(words: [], shared: 0)
    scenario.thread("A", rounds: 4) { me throws(Suspended) in
      let before = try me.step("adds") { sum in
        sum += 1
        return sum - 1
      }
      me.require(before == me.round, "round \(me.round) saw \(before)")
    }
    scenario.atEnd = { $0.shared == 4 ? nil : "\($0.shared) rounds" }
    #expect(try scenario.check().schedules == 1)
  }

  @Test func findsALostUpdate() throws {
    var scenario = Scenario(words: [], shared: 0)
    for name in ["A", "B"] {
      scenario.thread(name) { me throws(Suspended) in
        let sum = try me.step("reads") { $0 }
        try me.step("writes") { shared in
          shared = sum + 1
          return shared
        }
      }
    }
    scenario.atEnd = { $0.shared == 2 ? nil : "an update is lost" }
    let violation = try #require(throws: Violation.self) { try scenario.check() }
    #expect(violation.message == "an update is lost")
    #expect(violation.schedule == ["A reads: 0", "B reads: 0", "A writes: 1", "B writes: 1"])
    #expect(violation.description.contains("\n  2. B reads: 0\n"))
  }

  @Test func findsADeadlockAndNamesTheSleepers() throws {
    var scenario = Scenario(words: ["w"], shared: 0)
    // A wake-up without a cause may come; nobody may rely on it.
    scenario.spuriousWakeUps = 3
    scenario.thread("A") { me throws(Suspended) in
      while try me.word(0).loadRelaxed() == 0 { _ = try me.word(0).sleep(while: 0, until: .never) }
    }
    let violation = try #require(throws: Violation.self) { try scenario.check() }
    #expect(violation.message == "deadlock: A sleeps for ever")
    #expect(violation.schedule == ["A reads w: 0", "A sleeps on w, which is 0"])
  }

  @Test func aSleeperIsWokenByWakeUpsDeadlinesAndWithoutACause() throws {
    var scenario = Scenario(words: ["w"], shared: 0)
    scenario.spuriousWakeUps = 1
    scenario.thread("A") { me throws(Suspended) in
      let wakeUp = try me.word(0).sleep(while: 0, until: .sometime)
      try me.step("notes") {
        $0 = wakeUp == .timedOut ? 1 : 2; return $0
      }
    }
    scenario.thread("B") { me throws(Suspended) in try me.word(0).wakeOne() }
    // B first, then A sleeps and its sleep ends by itself in one of 2 ways; or A sleeps and B wakes it; or A's sleep ends
    // by itself, and B does its step before or after A notes that.
    #expect(try scenario.check().schedules == 2 + 1 + 2 * 2)
  }

  @Test func anyOfTheSleepersMayBeWoken() throws {
    var scenario = Scenario(words: ["w"], shared: [Int]())
    for number in 0..<2 {
      scenario.thread("\(number)") { me throws(Suspended) in
        _ = try me.word(0).sleep(while: 0, until: .never)
        try me.step("is awake") {
          $0.append(number); return $0.count
        }
      }
    }
    scenario.thread("waker") { me throws(Suspended) in
      for _ in 0..<2 { try me.word(0).wakeOne() }
    }
    // Who is not asleep yet is not woken.
    #expect(throws: Violation.self) { try scenario.check() }
  }

  @Test func findsWhatDoesNotEnd() throws {
    var scenario = Scenario(words: ["w"], shared: 0)
    scenario.longestSchedule = 50
    scenario.thread("A") { me throws(Suspended) in while try me.word(0).loadRelaxed() == 0 {} }
    let violation = try #require(throws: Violation.self) { try scenario.check() }
    #expect(violation.message == "no end is in sight")
  }

  /// A call that has ended is one state, however it came about, and no schedule less.
  @Test func callsForgetHowTheirResultCameAbout() throws {
    func scenario(forgetting: Bool) -> Scenario<Int> {
      var scenario = Scenario(words: ["w"], shared: 0)
      for name in ["A", "B"] {
        scenario.thread(name) { me throws(Suspended) in
          let looks = { () throws(Suspended) -> Bool in
            let first = try me.step("looks") { $0 }
            let second = try me.step("adds") {
              $0 += 1; return $0
            }
            return second >= first
          }
          let isRight = forgetting ? try me.call(looks) : try looks()
          me.require(isRight, "the sum has become less")
          try me.step("rests") { _ in 0 }
        }
      }
      return scenario
    }
    let all = try scenario(forgetting: false).check()
    let fewer = try scenario(forgetting: true).check()
    #expect(all.schedules == 20)
    #expect(fewer.schedules == all.schedules)
    #expect(fewer.states < all.states)
  }

  @Test func findsWhatFailsInACallThatEnds() throws {
    var scenario = Scenario(words: [], shared: 0)
    scenario.thread("A") { me throws(Suspended) in
      _ = try me.call { () throws(Suspended) in
        let seen = try me.step("looks") { $0 }
        me.require(seen == 1, "\(seen) is not one")
        return true
      }
      try me.step("goes on") { $0 }
    }
    let violation = try #require(throws: Violation.self) { try scenario.check() }
    #expect(violation.message == "A: 0 is not one")
  }
}
