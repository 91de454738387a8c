import ParallelCore
import TestSupport
import Testing

/// Mutexes with one mistake each: the checker has to find it.
@Suite(.disabled(if: isThreadSanitized, "one thread simulates all others")) struct BrokenMutexTests {
  typealias Lock = (LockWord, Deadline) throws(Suspended) -> Bool
  typealias Unlock = (LockWord) throws(Suspended) -> Bool

  /// Without the check that what is unlocked was held, which finds some mistakes first.
  private func excluding(_ lock: @escaping Lock) -> MutexCode {
    MutexCode(lock: lock) { word throws(Suspended) in
      _ = try word.mutexUnlock()
      return true
    }
  }

  @Test func unlockingWithoutWaking() throws {
    let code = MutexCode(unlock: { word throws(Suspended) in
      try word.exchangeReleasing(MutexWord.free) != MutexWord.free
    })
    try expectViolation("all sleep and the lock is free", code.scenario([.never, .never], rounds: 1))
  }

  @Test func wakingBeforeUnlocking() throws {
    let code = MutexCode(unlock: { word throws(Suspended) in
      if try word.loadRelaxed() == MutexWord.heldWithSleepers { try word.wakeOne() }
      return try word.exchangeReleasing(MutexWord.free) != MutexWord.free
    })
    try expectViolation("all sleep and the lock is free", code.scenario([.never, .never], rounds: 1))
  }

  @Test func forgettingTheOtherSleepersOnceAwake() throws {
    let lock: Lock = { word, deadline throws(Suspended) in
      if try word.mutexTryLock() { return true }
      while try word.exchangeAcquiring(MutexWord.heldWithSleepers) != MutexWord.free {
        _ = try word.sleep(while: MutexWord.heldWithSleepers, until: deadline)
        if try word.mutexTryLock() { return true }
      }
      return true
    }
    let code = MutexCode(lock: lock)
    // Two threads get along with it.
    _ = try code.scenario([.never, .never], rounds: 1).check()
    try expectViolation("all sleep and the lock is free", code.scenario([.never, .never, .never], rounds: 1))
  }

  @Test func sleepingWithoutSayingSo() throws {
    let lock: Lock = { word, deadline throws(Suspended) in
      while try !word.mutexTryLock() { _ = try word.sleep(while: MutexWord.held, until: deadline) }
      return true
    }
    try expectViolation(
      "all sleep and the lock is free", MutexCode(lock: lock).scenario([.never, .never], rounds: 1))
  }

  @Test func lookingAndTakingInTwoSteps() throws {
    let lock: Lock = { word, deadline throws(Suspended) in
      if try word.loadRelaxed() == MutexWord.free {
        _ = try word.exchangeAcquiring(MutexWord.held)
        return true
      }
      return try word.mutexLock(until: deadline)
    }
    try expectViolation(
      "two threads hold the lock", excluding(lock).scenario([.never, .never], rounds: 1))
  }

  @Test func takingAWakeUpForTheLock() throws {
    let lock: Lock = { word, deadline throws(Suspended) in
      if try word.mutexTryLock() { return true }
      guard try word.exchangeAcquiring(MutexWord.heldWithSleepers) != MutexWord.free else { return true }
      _ = try word.sleep(while: MutexWord.heldWithSleepers, until: deadline)
      _ = try word.exchangeAcquiring(MutexWord.heldWithSleepers)
      return true
    }
    var scenario = excluding(lock).scenario([.never, .never], rounds: 1)
    scenario.spuriousWakeUps = 1
    try expectViolation("two threads hold the lock", scenario)
  }

  @Test func holdingAfterTheDeadline() throws {
    let lock: Lock = { word, deadline throws(Suspended) in
      if try !word.mutexLock(until: deadline) { _ = try word.exchangeAcquiring(MutexWord.heldWithSleepers) }
      return true
    }
    try expectViolation(
      "two threads hold the lock", excluding(lock).scenario([.never, .sometime], rounds: 1))
  }

  @Test func tidyingUpAtTheDeadline() throws {
    let lock: Lock = { word, deadline throws(Suspended) in
      if try word.mutexLock(until: deadline) { return true }
      _ = try word.compareExchangeAcquiring(MutexWord.heldWithSleepers, MutexWord.held)
      return false
    }
    try expectViolation(
      "all sleep and the lock is free",
      MutexCode(lock: lock).scenario([.never, .never, .sometime], rounds: 1))
  }

  @Test func givingUpAfterAWakeUp() throws {
    let lock: Lock = { word, deadline throws(Suspended) in
      if deadline == .never || word.thread.round > 0 { return try word.mutexLock(until: deadline) }
      if try word.mutexTryLock() { return true }
      guard try word.exchangeAcquiring(MutexWord.heldWithSleepers) != MutexWord.free else { return true }
      _ = try word.sleep(while: MutexWord.heldWithSleepers, until: deadline)
      return false
    }
    try expectViolation(
      "all sleep and the lock is free",
      MutexCode(lock: lock).scenario([.never, .never, .sometime], rounds: 1))
  }

  @Test func tryingTwice() throws {
    let lock: Lock = { word, deadline throws(Suspended) in
      if deadline == .never { return try word.mutexLock() }
      if try word.mutexTryLock() { return true }
      let isLocked = try word.mutexTryLock()
      word.thread.require(word.thread.operationCount == 1, "more than one attempt")
      return isLocked
    }
    try expectViolation("more than one attempt", MutexCode(lock: lock).scenario([.never, .past], rounds: 1))
  }

  @Test func callingAFreeLockHeld() throws {
    let unlock: Unlock = { word throws(Suspended) in
      _ = try word.mutexUnlock()
      return try word.mutexUnlock()
    }
    try expectViolation("unlocked what was not held", MutexCode(unlock: unlock).scenario([.never], rounds: 1))
  }
}
