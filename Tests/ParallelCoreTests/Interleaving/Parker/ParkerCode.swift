import ParallelCore

typealias ParkerWordUnderTest = SimulatedWord<Bool>

/// The two calls of a parker: the real ones, or broken ones, which the checker has to find.
///
/// The state that its scenarios share says whether the wake-up has begun.
struct ParkerCode {
  var park: (ParkerWordUnderTest, Deadline) throws(Suspended) -> Bool = { word, deadline throws(Suspended) in
    try word.parkerPark(until: deadline)
  }
  var unpark: (ParkerWordUnderTest) throws(Suspended) -> Void = { word throws(Suspended) in
    try word.parkerUnpark()
  }

  static var real: ParkerCode { ParkerCode() }

  /// One parks for as long as it takes, one wakes it.
  func oneWakeUp() -> Scenario<Bool> {
    var scenario = withWaker()
    scenario.thread("sleeper") { me throws(Suspended) in
      let isWoken = try park(me.word(0), .never)
      me.require(isWoken, "gave up without a deadline")
      let hasBegun = try me.step("looks") { $0 ? 1 : 0 }
      me.require(hasBegun == 1, "woken before the wake-up")
    }
    return scenario
  }

  /// The wake-up comes at about the deadline: the first park takes it, or leaves it to the second, and there is no other.
  func wakeUpAtTheDeadline() -> Scenario<Bool> {
    var scenario = withWaker()
    scenario.thread("sleeper") { me throws(Suspended) in
      if try !park(me.word(0), .sometime) {
        let isWoken = try park(me.word(0), .never)
        me.require(isWoken, "gave up without a deadline")
      }
      let isWokenAgain = try park(me.word(0), .past)
      me.require(!isWokenAgain, "woken twice")
    }
    scenario.atEnd = { $0.words[0] == ParkerWord.empty ? nil : "a wake-up is left" }
    return scenario
  }

  /// A wake-up that is there before a park whose deadline has passed.
  func tie() -> Scenario<Bool> {
    var scenario = Scenario(words: ["the parker"], shared: false)
    scenario.thread("sleeper") { me throws(Suspended) in
      try unpark(me.word(0))
      let isWoken = try park(me.word(0), .past)
      me.require(isWoken, "the wake-up lost against a deadline")
    }
    return scenario
  }

  private func withWaker() -> Scenario<Bool> {
    var scenario = Scenario(words: ["the parker"], shared: false)
    scenario.thread("waker") { me throws(Suspended) in
      try me.step("begins to wake") { hasBegun in
        hasBegun = true
        return 1
      }
      try unpark(me.word(0))
    }
    return scenario
  }
}
