import ParallelCore
import Synchronization

extension ReadWriteLock {
  /// What became of a thread that came to the lock.
  enum Arrival {
    case entered
    case standsInLine(ReadWriteWaiter)
    case refused

    var isIn: Bool {
      if case .entered = self { true } else { false }
    }
  }

  /// Takes the lock where that needs neither waiting nor a look at the line.
  @inline(__always)
  func entersAtOnce(_ access: ReadWriteAccess) -> Bool {
    var seen = word.load(ordering: .relaxed)
    while seen.admitsNewcomer(access) {
      let (isDone, now) = word.compareExchange(
        expected: seen, desired: seen.entered(by: access), successOrdering: .acquiring,
        failureOrdering: .relaxed)
      if isDone { return true }
      seen = now
    }
    return false
  }

  /// Gives the lock back; false if nobody holds it that way.
  @inline(__always)
  func leave(_ access: ReadWriteAccess) -> Bool {
    var seen = word.load(ordering: .relaxed)
    while let next = seen.without(access) {
      let (isDone, now) = word.compareExchange(
        expected: seen, desired: next, successOrdering: .releasing, failureOrdering: .relaxed)
      if isDone {
        if next.mustWakeHead { wakeHead() }
        return true
      }
      seen = now
    }
    return false
  }

  /// Takes the lock, or gives up at the deadline.
  @inline(never)
  func enterSlowly(_ access: ReadWriteAccess, until deadline: Deadline) -> Bool {
    if spins(access) { return true }
    switch enterOrStand(access, mayStand: !deadline.hasPassed) {
    case .entered: return true
    case .refused: return false
    case .standsInLine(let waiter): return wait(waiter, until: deadline)
    }
  }

  /// Looks again now and then, with ever longer pauses, while nobody sleeps.
  private func spins(_ access: ReadWriteAccess) -> Bool {
    var length = Spinning.firstPause
    for _ in 0..<Spinning.rounds {
      if word.load(ordering: .relaxed).hasLine { return false }
      if entersAtOnce(access) { return true }
      Spinning.pause(length)
      length *= 2
    }
    return entersAtOnce(access)
  }

  private func wait(_ waiter: ReadWriteWaiter, until deadline: Deadline) -> Bool {
    while true {
      let hasTimedOut = !waiter.parker.park(until: deadline)
      if let isIn = takeTurn(waiter, hasTimedOut: hasTimedOut) { return isIn }
    }
  }
}
