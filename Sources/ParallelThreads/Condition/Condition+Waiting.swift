import ParallelCore

extension Condition {
  /// Gives the lock back, waits for a notification by blocking the thread, and takes the lock again.
  ///
  /// Traps when the lock is not held: a ``RecursiveLock`` by this thread, a ``Lock``, which knows no owner, by anybody.
  ///
  /// - Parameters:
  ///   - timeout: How long to wait for the notification at most; nil waits for ever. Taking the lock again has no limit.
  ///   - fileID: Where a debug build reports the call if it blocks a thread that Swift tasks share.
  ///   - line: The line in that file.
  /// - Returns: Whether there was a notification; false when the time was over first.
  /// - Throws: `CancellationError`, with the lock held, when the thread's ``CancellationToken`` was cancelled first.
  @available(*, noasync, message: "conditions belong to threads; a Monitor can be awaited")
  @discardableResult
  public func wait(
    timeout: Duration? = nil, fileID: StaticString = #fileID, line: UInt = #line
  ) throws(CancellationError) -> Bool {
    try wait(until: Deadline(timeout: timeout), fileID, line)
  }

  /// Waits until `predicate` is true, looking at the beginning and after each notification, with the lock held.
  ///
  /// - Parameters:
  ///   - timeout: How long to wait at most; nil waits for ever, zero or less looks once.
  ///   - fileID: Where a debug build reports the call if it blocks a thread that Swift tasks share.
  ///   - line: The line in that file.
  ///   - predicate: What to wait for.
  /// - Returns: What `predicate` returned last: false when the time was over first.
  /// - Throws: What `predicate` throws; `CancellationError` when the thread's ``CancellationToken`` was cancelled. The
  ///   lock is held in every case.
  @available(*, noasync, message: "conditions belong to threads; a Monitor can be awaited")
  @discardableResult
  public func wait(
    timeout: Duration? = nil, fileID: StaticString = #fileID, line: UInt = #line,
    until predicate: () throws -> Bool
  ) throws -> Bool {
    conditionLock.requireHeld(for: "wait(until:)")
    let deadline = Deadline(timeout: timeout)
    while try !predicate() {
      if deadline.hasPassed { return false }
      guard try wait(until: deadline, fileID, line) else { return try predicate() }
    }
    return true
  }

  private func wait(
    until deadline: Deadline, _ fileID: StaticString, _ line: UInt
  ) throws(CancellationError) -> Bool {
    conditionLock.requireHeld(for: "wait()")
    // In the line before the lock is released: whoever notifies from then on finds this thread there.
    let waiter = room.join(())
    let levels = conditionLock.release()
    defer { conditionLock.reacquire(levels: levels, fileID, line) }
    return try room.park(waiter, until: deadline, fileID: fileID, line: line)
  }

  /// Wakes those who have waited longest; they go on when this thread has given the lock back. Does not block.
  ///
  /// Traps when the lock is not held; see ``wait(timeout:fileID:line:)``.
  ///
  /// - Parameter count: How many at most; less than one traps.
  @available(*, noasync, message: "conditions belong to threads; a Monitor signals by itself")
  public func notify(_ count: Int = 1) {
    precondition(count > 0, "notify(_:) wakes at least one thread, not \(count)")
    conditionLock.requireHeld(for: "notify()")
    room.change { _, waiters in
      var left = count
      while left > 0, waiters.admitFirst() { left -= 1 }
    }
  }

  /// Wakes all who wait; they go on when this thread has given the lock back. Does not block.
  ///
  /// Traps when the lock is not held; see ``wait(timeout:fileID:line:)``.
  @available(*, noasync, message: "conditions belong to threads; a Monitor signals by itself")
  public func notifyAll() {
    conditionLock.requireHeld(for: "notifyAll()")
    room.change { _, waiters in waiters.admitAll() }
  }
}
