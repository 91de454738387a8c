import ParallelCore

extension ReadWriteLock {
  /// Takes the lock alone; blocks the thread until it is free.
  ///
  /// - Parameters:
  ///   - fileID: Where debug builds report a wait for oneself.
  ///   - line: The line in that file.
  @available(*, noasync, message: "locks belong to threads; use withWriteLock with a short body")
  public func lockForWriting(fileID: StaticString = #fileID, line: UInt = #line) {
    if !entersAtOnce(.writing) {
      checks.willPark(fileID, line)
      _ = enterSlowly(.writing, until: .never)
    }
    checks.acquired(fileID, line, isOrdered: false)
  }

  /// Takes the lock alone, or gives up; blocks the thread meanwhile.
  ///
  /// - Parameters:
  ///   - timeout: How long to wait at most; nil waits for ever, zero or less tries once.
  ///   - fileID: Where the lock was taken, for the reports of debug builds.
  ///   - line: The line in that file.
  /// - Returns: Whether the lock was taken.
  @available(*, noasync, message: "locks belong to threads; use withWriteLock with a short body")
  public func lockForWriting(
    timeout: Duration?, fileID: StaticString = #fileID, line: UInt = #line
  ) -> Bool {
    guard let timeout else {
      lockForWriting(fileID: fileID, line: line)
      return true
    }
    guard entersAtOnce(.writing) || enterSlowly(.writing, until: Deadline(timeout: timeout)) else {
      return false
    }
    checks.acquired(fileID, line, isOrdered: false)
    return true
  }

  /// Takes the lock alone if it is free, and not reserved for one who was passed over too often. Does not block.
  ///
  /// - Parameters:
  ///   - fileID: Where the lock was taken, for the reports of debug builds.
  ///   - line: The line in that file.
  /// - Returns: Whether the lock was taken.
  @available(*, noasync, message: "locks belong to threads; use withWriteLock with a short body")
  public func tryLockForWriting(fileID: StaticString = #fileID, line: UInt = #line) -> Bool {
    guard entersAtOnce(.writing) else { return false }
    checks.acquired(fileID, line, isOrdered: false)
    return true
  }

  /// Gives the lock back that was taken for writing, and wakes who has waited longest. Any thread may do it.
  ///
  /// Traps if nobody holds the lock for writing.
  @available(*, noasync, message: "locks belong to threads; use withWriteLock with a short body")
  public func unlockAfterWriting() {
    checks.willRelease()
    guard leave(.writing) else {
      fatalError("unlockAfterWriting() of a ReadWriteLock that nobody holds for writing: \(state)")
    }
  }

  /// For the message of a trap.
  var state: String { isLockedForWriting ? "a writer holds it" : "\(readerCount) readers hold it" }
}
