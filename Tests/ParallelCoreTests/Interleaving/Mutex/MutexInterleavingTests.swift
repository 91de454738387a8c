import ParallelCore
import TestSupport
import Testing

/// The lock's own code under every interleaving.
@Suite(.disabled(if: isThreadSanitized, "one thread simulates all others")) struct MutexInterleavingTests {
  struct Setting: Sendable, CustomTestStringConvertible {
    var deadlines: [Deadline]
    var rounds = 1
    var spinRounds = 0
    var spuriousWakeUps = 0

    var testDescription: String {
      return "\(deadlines.map(\.kind).joined(separator: ", ")); \(rounds) rounds, \(spinRounds) pauses, "
        + "\(spuriousWakeUps) wake-ups without a cause"
    }
  }

  static let settings = [
    Setting(deadlines: [.never, .never], rounds: 2, spinRounds: 1, spuriousWakeUps: 1),
    Setting(deadlines: [.never, .never], rounds: 1, spinRounds: 4, spuriousWakeUps: 2),
    Setting(deadlines: [.never, .sometime], rounds: 2, spinRounds: 1, spuriousWakeUps: 1),
    Setting(deadlines: [.sometime, .sometime], rounds: 2, spuriousWakeUps: 1),
    Setting(deadlines: [.never, .past], rounds: 2, spinRounds: 1),
    Setting(deadlines: [.never, .never, .never], rounds: 1, spuriousWakeUps: 1),
    Setting(deadlines: [.never, .never, .never], rounds: 2),
    Setting(deadlines: [.never, .never, .sometime], rounds: 1, spuriousWakeUps: 1),
    Setting(deadlines: [.never, .sometime, .sometime], rounds: 1, spuriousWakeUps: 1),
    Setting(deadlines: [.never, .sometime, .past], rounds: 1),
  ]

  static let largeSettings = [
    Setting(deadlines: [.never, .never, .sometime], rounds: 2),
    Setting(deadlines: [.never, .never, .never], rounds: 1, spinRounds: 1, spuriousWakeUps: 1),
    Setting(deadlines: [.never, .never, .sometime], rounds: 1, spinRounds: 1, spuriousWakeUps: 1),
  ]

  @Test(arguments: settings + (hasTimeForMore ? largeSettings : []))
  func excludesAndLosesNoWakeUp(setting: Setting) throws {
    var scenario = MutexCode.real.scenario(setting.deadlines, rounds: setting.rounds)
    scenario.spinRounds = setting.spinRounds
    scenario.spuriousWakeUps = setting.spuriousWakeUps
    print("mutex (\(setting.testDescription)): \(try scenario.check())")
  }

  /// A try-lock that fails has seen the lock held, and has changed nothing.
  @Test func aTryLockTakesTheLockOrLeavesItAlone() throws {
    var code = MutexCode.real
    code.lock = { word, deadline throws(Suspended) in
      if deadline == .never { return try word.mutexLock() }
      let before = word.thread.operationCount
      let isLocked = try word.mutexTryLock()
      word.thread.require(word.thread.operationCount == before + 1, "more than one look")
      return isLocked
    }
    print("try-lock: \(try code.scenario([.never, .past, .past], rounds: 1).check())")
  }

  @Test func aDeadlineThatHasPassedMeansOneAttempt() throws {
    var code = MutexCode.real
    code.lock = { word, deadline throws(Suspended) in
      let isLocked = try word.mutexLock(until: deadline)
      if deadline == .past { word.thread.require(word.thread.operationCount == 1, "more than one attempt") }
      return isLocked
    }
    var scenario = code.scenario([.never, .past], rounds: 2)
    scenario.spinRounds = 2
    print("passed deadline: \(try scenario.check())")
  }

  @Test func unlockSaysWhenNothingWasHeld() throws {
    var scenario = Scenario(words: ["the lock"], shared: 0)
    scenario.thread("A") { me throws(Suspended) in
      let wasHeld = try me.word(0).mutexUnlock()
      me.require(!wasHeld, "a free lock was called held")
      let isLocked = try me.word(0).mutexTryLock()
      me.require(isLocked, "a free lock was not taken")
      let isHeld = try me.word(0).mutexUnlock()
      me.require(isHeld, "a held lock was called free")
    }
    #expect(try scenario.check().schedules == 1)
  }
}
