import ParallelCore
import Synchronization

// The steps that need the line. Each changes the word with compare-and-swap while it holds the line's lock, and wakes
// nobody before it has let go of it.
extension ReadWriteLock {
  /// How often the head of the line is passed over before it goes first.
  static let mostPasses = 64

  /// A newcomer goes in, or takes its place at the end of the line.
  func enterOrStand(_ access: ReadWriteAccess, mayStand: Bool) -> Arrival {
    let (arrival, admitted) = line.withLock { line -> (Arrival, [ReadWriteWaiter]) in
      var seen = word.load(ordering: .relaxed)
      while true {
        if access == .writing ? seen.admitsNewcomer(.writing) : seen.admits(.reading) && !line.hasWriters {
          if access == .writing {
            if replace(&seen, with: seen.withWriter()) { return (.entered, []) }
          } else if let admitted = admitReaders(&line, newcomers: 1, &seen) {
            return (.entered, admitted)
          }
        } else {
          if !mayStand { return (.refused, []) }
          // In the same step as it is seen that the lock is taken: whoever gives it back from then on sees the bit.
          var next = seen
          next.hasLine = true
          if replace(&seen, with: next) { break }
        }
      }
      let waiter = ReadWriteWaiter(access)
      line.append(waiter)
      return (.standsInLine(waiter), [])
    }
    for reader in admitted { reader.parker.unpark() }
    return arrival
  }

  /// One who stood in the line was woken, or its time is over: true when it is in, false when it has left the line, nil
  /// when it is to sleep again.
  func takeTurn(_ waiter: ReadWriteWaiter, hasTimedOut: Bool) -> Bool? {
    let (isIn, woken) = line.withLock { line -> (Bool?, [ReadWriteWaiter]) in
      if waiter.isAdmitted { return (true, []) }
      guard line.head === waiter else {
        if hasTimedOut { line.remove(waiter) }
        return (hasTimedOut ? false : nil, [])
      }
      var seen = word.load(ordering: .relaxed)
      while true {
        if seen.admits(waiter.access) {
          if let admitted = enterAsHead(waiter, &line, &seen) { return (true, admitted) }
        } else if hasTimedOut {
          line.remove(waiter)
          return (false, passOn(&line, &seen))
        } else if sleepsAgain(waiter, &seen) {
          return (nil, [])
        }
      }
    }
    for waiter in woken { waiter.parker.unpark() }
    return isIn
  }
}

extension ReadWriteLock {
  /// The lock became free while somebody sleeps: wakes the head of the line, unless another thread has gone in since or
  /// has woken it.
  @inline(never)
  func wakeHead() {
    let head = line.withLock { line -> ReadWriteWaiter? in
      var seen = word.load(ordering: .relaxed)
      while seen.mustWakeHead {
        var next = seen
        next.isHeadWoken = true
        if replace(&seen, with: next) { return line.head }
      }
      return nil
    }
    head?.parker.unpark()
  }
}
