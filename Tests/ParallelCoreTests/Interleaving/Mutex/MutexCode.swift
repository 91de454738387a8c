import ParallelCore

/// Who has what in the checks of the mutex.
struct LockLedger: Hashable {
  var inside = 0
  var entered = 0
  var gaveUp = 0
}

typealias LockWord = SimulatedWord<LockLedger>

/// The two calls of a mutex: the real ones, or broken ones, which the checker has to find.
struct MutexCode {
  var lock: (LockWord, Deadline) throws(Suspended) -> Bool = { word, deadline throws(Suspended) in
    try word.mutexLock(until: deadline)
  }
  var unlock: (LockWord) throws(Suspended) -> Bool = { word throws(Suspended) in try word.mutexUnlock() }

  static var real: MutexCode { MutexCode() }

  /// Threads that take the lock, one for each deadline, each so many times.
  func scenario(_ deadlines: [Deadline], rounds: Int) -> Scenario<LockLedger> {
    var scenario = Scenario(words: ["the lock"], shared: LockLedger())
    for (number, deadline) in deadlines.enumerated() {
      scenario.thread("thread \(number)", rounds: rounds) { me throws(Suspended) in
        let isLocked = try me.call { () throws(Suspended) in try lock(me.word(0), deadline) }
        guard isLocked else {
          me.require(deadline != .never, "gave up without a deadline")
          return try giveUp(me)
        }
        try goInAndOut(me)
        let wasHeld = try unlock(me.word(0))
        me.require(wasHeld, "unlocked what was not held")
      }
    }
    scenario.atRest = { $0.words[0] == MutexWord.free ? "all sleep and the lock is free" : nil }
    scenario.atEnd = { end in
      if end.words[0] != MutexWord.free { return "the lock is held at the end" }
      let count = end.shared.entered + end.shared.gaveUp
      return count == deadlines.count * rounds ? nil : "\(count) rounds are accounted for"
    }
    return scenario
  }

  private func giveUp(_ me: SimulatedThread<LockLedger>) throws(Suspended) {
    try me.step("gives up") { ledger in
      ledger.gaveUp += 1
      return ledger.gaveUp
    }
  }

  private func goInAndOut(_ me: SimulatedThread<LockLedger>) throws(Suspended) {
    let inside = try me.step("goes in, which makes") { ledger in
      ledger.inside += 1
      ledger.entered += 1
      return ledger.inside
    }
    me.require(inside == 1, "two threads hold the lock")
    try me.step("goes out, which leaves") { ledger in
      ledger.inside -= 1
      return ledger.inside
    }
  }
}
