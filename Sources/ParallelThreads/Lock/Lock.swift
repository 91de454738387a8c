public import CParallel
public import ParallelCore
public import Synchronization

/// Mutual exclusion between threads: of all who call ``lock(fileID:line:)``, one at a time goes on.
///
/// ```swift
/// let lock = Lock()
/// lock.withLock { total += 1 }
///
/// guard lock.lock(timeout: .milliseconds(50)) else { return .busy }
/// defer { lock.unlock() }
/// ```
///
/// A lock is not recursive: a thread that takes it twice waits for itself, which debug builds report. It has no owner:
/// any thread may unlock it, so that it can be handed over. It is not fair: a running thread may take a lock that was
/// just released before a sleeping one wakes, which is several times faster; nobody sleeps for ever, because each
/// release wakes one. For a value together with its lock see ``Monitor``; where tasks have to wait too, use a
/// ``Semaphore``: locks belong to threads. In a task only `withLock` is available, for short bodies.
///
/// Waits ignore cancellation. Unlocking a lock that is not locked traps. A locked lock may be let go of.
///
/// The corresponding C type is `pthread_mutex_t`. Source: Ulrich Drepper, "Futexes Are Tricky"; the design note is
/// `Mutex.md` in `ParallelCore/Locking`.
public final class Lock: Sendable {
  @usableFromInline let word = Atomic<UInt32>(MutexWord.free)
  @usableFromInline let checks = LockChecks()

  /// Creates a lock that is free.
  public init() {}

  /// Takes the lock; blocks the thread until it is free.
  ///
  /// - Parameters:
  ///   - fileID: Where debug builds report a wait for oneself or a lock order that may deadlock.
  ///   - line: The line in that file.
  @available(*, noasync, message: "locks belong to threads; use withLock with a short body")
  @inlinable @inline(__always)
  public func lock(fileID: StaticString = #fileID, line: UInt = #line) {
    checks.willWaitInOrder(fileID, line)
    lockInAnyOrder(fileID, line)
  }

  /// For a condition too, which takes its lock again where the program did not choose the order.
  @inlinable @inline(__always)
  func lockInAnyOrder(_ fileID: StaticString, _ line: UInt) {
    if !takesAtOnce() { waitForLock(fileID, line) }
    checks.acquired(fileID, line)
  }

  @usableFromInline @inline(never)
  func waitForLock(_ fileID: StaticString, _ line: UInt) {
    checks.willPark(fileID, line)
    _ = word.mutexLockSlowly(until: .never)
  }

  /// Takes the lock, or gives up; blocks the thread meanwhile.
  ///
  /// - Parameters:
  ///   - timeout: How long to wait at most; nil waits for ever, zero or less tries once.
  ///   - fileID: Where the lock was taken, for the reports of debug builds.
  ///   - line: The line in that file.
  /// - Returns: Whether the lock was taken.
  @available(*, noasync, message: "locks belong to threads; use withLock with a short body")
  @inlinable
  public func lock(
    timeout: Duration?, fileID: StaticString = #fileID, line: UInt = #line
  ) -> Bool {
    guard let timeout else {
      lock(fileID: fileID, line: line)
      return true
    }
    guard takesAtOnce() || word.mutexLock(until: Deadline(timeout: timeout)) else { return false }
    checks.acquired(fileID, line)
    return true
  }

  /// Takes the lock if it is free. Does not block.
  ///
  /// - Returns: Whether the lock was taken.
  @available(*, noasync, message: "locks belong to threads; use withLock with a short body")
  @inlinable
  public func tryLock(fileID: StaticString = #fileID, line: UInt = #line) -> Bool {
    guard takesAtOnce() else { return false }
    checks.acquired(fileID, line)
    return true
  }

  /// Gives the lock back and wakes a thread that sleeps, if there is one. Any thread may do it.
  ///
  /// Traps if the lock is not locked.
  @available(*, noasync, message: "locks belong to threads; use withLock with a short body")
  @inlinable @inline(__always)
  public func unlock() {
    checks.willRelease()
    if parallel_is_single_threaded(), word.load(ordering: .relaxed) == MutexWord.held {
      return word.store(MutexWord.free, ordering: .relaxed)
    }
    if !word.mutexUnlock() { failUnlocking() }
  }

  @usableFromInline
  func failUnlocking() -> Never {
    fatalError("unlock() of a Lock that is not locked: every lock() is to be followed by one unlock()")
  }

  /// Whether somebody holds the lock now; it may be different when the call returns.
  @inlinable
  public var isLocked: Bool { word.load(ordering: .relaxed) != MutexWord.free }

  @inlinable @inline(__always)
  func takesAtOnce() -> Bool {
    // As long as there is one thread, nobody can come between a load and a store.
    guard parallel_is_single_threaded(), !isLocked else { return word.mutexTryLock() }
    word.store(MutexWord.held, ordering: .relaxed)
    return true
  }
}
