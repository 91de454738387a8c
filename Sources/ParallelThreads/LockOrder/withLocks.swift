import ParallelCore

/// Takes several locks, runs `body`, and gives them back in reverse, also when `body` throws.
///
/// ```swift
/// withLocks(from.lock, to.lock) {
///   from.balance -= amount
///   to.balance += amount
/// }
/// ```
///
/// The locks are taken in one order, whatever the order of the arguments is, so that two such calls never wait for each
/// other. That holds for what is taken through this function: a lock that the thread holds already has its place before
/// all of these (see ``LockOrder``). A lock that is named twice is taken once. Blocks the thread until it has all of
/// them, in a task too: keep such bodies short.
///
/// Source: Edward G. Coffman and others, "System Deadlocks": no cycle where all ask in one order.
///
/// - Parameters:
///   - locks: What to take; none is fine.
///   - fileID: Where debug builds report a wait for oneself or a lock order that may deadlock.
///   - line: The line in that file.
///   - body: What to do.
/// - Returns: What `body` returns.
/// - Throws: What `body` throws.
public func withLocks<Result: ~Copyable, Failure: Error>(
  _ locks: any Lockable..., fileID: StaticString = #fileID, line: UInt = #line,
  _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  let taken = inOneOrder(locks)
  for lock in taken { lock.lock(fileID: fileID, line: line) }
  defer { unlock(taken[...]) }
  return try body()
}

/// Takes several locks within a limit of time, or none of them; else as ``withLocks(_:fileID:line:_:)``.
///
/// - Parameters:
///   - locks: What to take; none is fine.
///   - timeout: How long to wait for all of them together; nil waits for ever, zero or less tries each once.
///   - fileID: Where the locks were taken, for the reports of debug builds.
///   - line: The line in that file.
///   - body: What to do.
/// - Returns: What `body` returns.
/// - Throws: `ParallelError` with the code `timedOut`, without having called `body`, and with none of the locks held;
///   what `body` throws.
public func withLocks<Result: ~Copyable>(
  _ locks: any Lockable..., timeout: Duration?, fileID: StaticString = #fileID, line: UInt = #line,
  _ body: () throws -> Result
) throws -> Result {
  let all = inOneOrder(locks)
  let deadline = Deadline(timeout: timeout)
  for (index, lock) in all.enumerated()
  where !lock.lock(timeout: deadline.remaining, fileID: fileID, line: line) {
    unlock(all[..<index])
    throw ParallelError(.timedOut, "not all of \(all.count) locks were free within \(timeout ?? .zero)")
  }
  defer { unlock(all[...]) }
  return try body()
}

/// By address, and each once.
private func inOneOrder(_ locks: [any Lockable]) -> [any Lockable] {
  var ordered: [any Lockable] = []
  for lock in locks.sorted(by: { ObjectIdentifier($0) < ObjectIdentifier($1) }) where ordered.last !== lock {
    ordered.append(lock)
  }
  return ordered
}

private func unlock(_ locks: ArraySlice<any Lockable>) {
  for lock in locks.reversed() { lock.unlock() }
}
