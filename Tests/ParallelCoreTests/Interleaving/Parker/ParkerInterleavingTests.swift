import ParallelCore
import TestSupport
import Testing

/// The parker's own code under every interleaving.
@Suite(.disabled(if: isThreadSanitized, "one thread simulates all others")) struct ParkerInterleavingTests {
  @Test func aWakeUpBeforeDuringOrAfterEndsOnePark() throws {
    print("parker: \(try ParkerCode.real.oneWakeUp().check())")
  }

  @Test func aParkEndsForNoOtherReason() throws {
    var scenario = ParkerCode.real.oneWakeUp()
    scenario.spuriousWakeUps = 3
    print("parker, 3 wake-ups without a cause: \(try scenario.check())")
  }

  @Test func nothingIsLostOrDoubledAtTheDeadline() throws {
    var scenario = ParkerCode.real.wakeUpAtTheDeadline()
    scenario.spuriousWakeUps = 2
    print("parker at the deadline: \(try scenario.check())")
  }

  @Test func aWakeUpWinsATieWithAPassedDeadline() throws {
    print("parker, passed deadline: \(try ParkerCode.real.tie().check())")
  }

  @Test func wakeUpsOfSeveralThreadsAreKeptAsOne() throws {
    var scenario = Scenario(words: ["the parker"], shared: 0)
    scenario.spuriousWakeUps = 1
    for name in ["first waker", "second waker"] {
      scenario.thread(name) { me throws(Suspended) in try me.word(0).parkerUnpark() }
    }
    scenario.thread("sleeper") { me throws(Suspended) in
      let isWoken = try me.word(0).parkerPark(until: .never)
      me.require(isWoken, "gave up without a deadline")
      // The second wake-up is there, or comes, or has become one with the first.
      _ = try me.word(0).parkerPark(until: .sometime)
    }
    print("parker, two wakers: \(try scenario.check())")
  }

  @Test func turnsAreTakenForEver() throws {
    var scenario = Scenario(words: ["ping", "pong"], shared: 0)
    scenario.spuriousWakeUps = 1
    scenario.thread("A", rounds: 3) { me throws(Suspended) in
      try me.word(0).parkerUnpark()
      _ = try me.word(1).parkerPark(until: .never)
      let turns = try me.step("counts") { $0 }
      me.require(turns == me.round + 1, "\(turns) turns in round \(me.round)")
    }
    scenario.thread("B", rounds: 3) { me throws(Suspended) in
      _ = try me.word(0).parkerPark(until: .never)
      try me.step("takes its turn") {
        $0 += 1; return $0
      }
      try me.word(1).parkerUnpark()
    }
    print("parkers in turns: \(try scenario.check())")
  }
}

/// Parkers with one mistake each: the checker has to find it.
@Suite(.disabled(if: isThreadSanitized, "one thread simulates all others")) struct BrokenParkerTests {
  @Test func wakingWithoutLeavingAMark() throws {
    let code = ParkerCode(unpark: { word throws(Suspended) in try word.wakeOne() })
    try expectViolation("deadlock: sleeper sleeps", code.oneWakeUp())
  }

  @Test func leavingAMarkWithoutWaking() throws {
    let code = ParkerCode(unpark: { word throws(Suspended) in
      _ = try word.exchangeReleasing(ParkerWord.woken)
    })
    try expectViolation("deadlock: sleeper sleeps", code.oneWakeUp())
  }

  @Test func wakingBeforeLeavingTheMark() throws {
    let code = ParkerCode(unpark: { word throws(Suspended) in
      try word.wakeOne()
      _ = try word.exchangeReleasing(ParkerWord.woken)
    })
    try expectViolation("deadlock: sleeper sleeps", code.oneWakeUp())
  }

  @Test func lookingBeforeSayingThatItSleeps() throws {
    let code = ParkerCode(park: { word, deadline throws(Suspended) in
      while try word.exchangeAcquiring(ParkerWord.empty) != ParkerWord.woken {
        // Sleeps while the word is what it has become meanwhile.
        let value = try word.loadRelaxed()
        if try word.sleep(while: value, until: deadline) == .timedOut { return false }
      }
      return true
    })
    try expectViolation("deadlock: sleeper sleeps", code.oneWakeUp())
  }

  @Test func takingAnyEndOfASleepForAWakeUp() throws {
    let code = ParkerCode(park: { word, deadline throws(Suspended) in
      if try word.exchangeAcquiring(ParkerWord.empty) == ParkerWord.woken { return true }
      let isWoken = try word.sleep(while: ParkerWord.empty, until: deadline) == .lookAgain
      _ = try word.exchangeAcquiring(ParkerWord.empty)
      return isWoken
    })
    _ = try code.oneWakeUp().check()
    var scenario = code.oneWakeUp()
    scenario.spuriousWakeUps = 1
    try expectViolation("woken before the wake-up", scenario)
  }

  @Test func forgettingTheWakeUpAtTheDeadline() throws {
    let code = ParkerCode(park: { word, deadline throws(Suspended) in
      if try word.parkerPark(until: deadline) { return true }
      // Cleans up for the next time.
      _ = try word.exchangeAcquiring(ParkerWord.empty)
      return false
    })
    try expectViolation("deadlock: sleeper sleeps", code.wakeUpAtTheDeadline())
  }

  @Test func leavingTheWakeUpForTheNextPark() throws {
    let code = ParkerCode(park: { word, deadline throws(Suspended) in
      if try word.parkerPark(until: deadline) {
        _ = try word.exchangeReleasing(ParkerWord.woken)
        return true
      }
      return false
    })
    try expectViolation("woken twice", code.wakeUpAtTheDeadline())
  }

  @Test func lookingAtTheClockFirst() throws {
    let code = ParkerCode(park: { word, deadline throws(Suspended) in
      if deadline.hasPassed { return false }
      return try word.parkerPark(until: deadline)
    })
    try expectViolation("lost against a deadline", code.tie())
  }
}
