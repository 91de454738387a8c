import ParallelCore

extension ReadWriteLock {
  /// Takes the lock together with other readers; blocks the thread while somebody writes, or waits for that.
  ///
  /// More than 268,435,455 readers at once trap.
  ///
  /// - Parameters:
  ///   - fileID: Where debug builds report a wait for oneself.
  ///   - line: The line in that file.
  @available(*, noasync, message: "locks belong to threads; use withReadLock with a short body")
  public func lockForReading(fileID: StaticString = #fileID, line: UInt = #line) {
    if entersAtOnce(.reading) { return }
    checks.willPark(fileID, line)
    _ = enterSlowly(.reading, until: .never)
  }

  /// Takes the lock together with other readers, or gives up; blocks the thread meanwhile.
  ///
  /// - Parameters:
  ///   - timeout: How long to wait at most; nil waits for ever, zero or less tries once.
  ///   - fileID: Where debug builds report a wait for oneself.
  ///   - line: The line in that file.
  /// - Returns: Whether the lock was taken.
  @available(*, noasync, message: "locks belong to threads; use withReadLock with a short body")
  public func lockForReading(
    timeout: Duration?, fileID: StaticString = #fileID, line: UInt = #line
  ) -> Bool {
    guard let timeout else {
      lockForReading(fileID: fileID, line: line)
      return true
    }
    return entersAtOnce(.reading) || enterSlowly(.reading, until: Deadline(timeout: timeout))
  }

  /// Takes the lock together with other readers if nobody writes or waits for that. Does not block.
  ///
  /// - Returns: Whether the lock was taken.
  @available(*, noasync, message: "locks belong to threads; use withReadLock with a short body")
  public func tryLockForReading() -> Bool {
    entersAtOnce(.reading) || enterOrStand(.reading, mayStand: false).isIn
  }

  /// Gives the lock back that was taken for reading; the last reader wakes who has waited longest. Any thread may do it.
  ///
  /// Traps if nobody holds the lock for reading.
  @available(*, noasync, message: "locks belong to threads; use withReadLock with a short body")
  public func unlockAfterReading() {
    guard leave(.reading) else {
      fatalError("unlockAfterReading() of a ReadWriteLock that nobody holds for reading: \(state)")
    }
  }
}
