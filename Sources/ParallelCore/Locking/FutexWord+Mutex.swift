// Mutual exclusion on one word. Design note: Mutex.md.

/// What the word of a lock holds.
public enum MutexWord {
  /// Nobody holds the lock.
  public static let free: UInt32 = 0
  /// Somebody holds it, and nobody sleeps.
  public static let held: UInt32 = 1
  /// Held, and somebody may sleep: whoever unlocks has to wake.
  public static let heldWithSleepers: UInt32 = 2
}

extension FutexWord where Self: ~Copyable {
  /// Takes the lock if it is free.
  @inlinable @inline(__always)
  public func mutexTryLock() throws(Failure) -> Bool {
    try compareExchangeAcquiring(MutexWord.free, MutexWord.held)
  }

  /// Takes the lock; false when the deadline came first. A deadline that has passed already means one attempt.
  @inlinable @inline(__always)
  public func mutexLock(until deadline: Deadline = .never) throws(Failure) -> Bool {
    if try mutexTryLock() { return true }
    return try mutexLockSlowly(until: deadline)
  }

  /// Gives the lock back and wakes one sleeper, if there may be one; false when it was not held.
  @inlinable @inline(__always)
  public func mutexUnlock() throws(Failure) -> Bool {
    let before = try exchangeReleasing(MutexWord.free)
    if before == MutexWord.held { return true }
    return try mutexFinishUnlock(before)
  }

  /// The rest of ``mutexUnlock()`` where the word was anything but `held`.
  @inlinable @inline(never)
  public func mutexFinishUnlock(_ before: UInt32) throws(Failure) -> Bool {
    if before == MutexWord.heldWithSleepers { try wakeOne() }
    return before != MutexWord.free
  }

  /// What ``mutexLock(until:)`` does when the lock is held.
  @inlinable @inline(never)
  public func mutexLockSlowly(until deadline: Deadline) throws(Failure) -> Bool {
    // A failed attempt must not make the holder's unlock wake anybody.
    if deadline.hasPassed { return false }
    if try mutexSpin() { return true }
    // From here on the lock is taken in the "with sleepers" state: others may sleep still.
    while try exchangeAcquiring(MutexWord.heldWithSleepers) != MutexWord.free {
      if try sleep(while: MutexWord.heldWithSleepers, until: deadline) == .timedOut {
        return try compareExchangeAcquiring(MutexWord.free, MutexWord.heldWithSleepers)
      }
    }
    return true
  }

  /// Looks again now and then, with ever longer pauses, while nobody sleeps.
  @inlinable
  func mutexSpin() throws(Failure) -> Bool {
    var length = Spinning.firstPause
    for _ in 0..<spinRounds {
      let seen = try loadRelaxed()
      if seen == MutexWord.heldWithSleepers { return false }
      if seen == MutexWord.free, try mutexTryLock() { return true }
      try pause(length)
      length *= 2
    }
    if try loadRelaxed() != MutexWord.free { return false }
    return try mutexTryLock()
  }
}
