internal import CParallel
import ParallelCore
import Synchronization

/// A lock that the thread which holds it can take again.
///
/// ```swift
/// let lock = RecursiveLock()
/// func add(_ node: Node) {
///   lock.withLock {
///     nodes.append(node)
///     for child in node.children { add(child) }    // takes the lock again
///   }
/// }
/// ```
///
/// It is free again after as many calls of ``unlock()`` as it was taken. Unlike ``Lock`` it has an owner: unlocking it
/// from another thread, or more often than it was locked, traps. Not fair, and for threads only, as ``Lock``.
///
/// The corresponding C type is `pthread_mutex_t` with the kind `PTHREAD_MUTEX_RECURSIVE`.
public final class RecursiveLock: Sendable {
  let word = Atomic<UInt32>(MutexWord.free)
  /// The number of the thread that holds the lock; 0 for none. Only a thread itself writes its own number here, so it
  /// finds it exactly if it holds the lock.
  private let owner = Atomic<UInt64>(0)
  /// Written by the owner only.
  private let level = Atomic<Int>(0)
  let checks = LockChecks()

  /// Creates a lock that is free.
  public init() {}

  /// Takes the lock, for the first time or again; blocks the thread until no other thread holds it.
  ///
  /// - Parameters:
  ///   - fileID: Where debug builds report a lock order that may deadlock.
  ///   - line: The line in that file.
  @available(*, noasync, message: "locks belong to threads; use withLock with a short body")
  public func lock(fileID: StaticString = #fileID, line: UInt = #line) {
    _ = lock(timeout: nil, fileID: fileID, line: line)
  }

  /// Takes the lock, for the first time or again, or gives up; blocks the thread meanwhile.
  ///
  /// - Parameters:
  ///   - timeout: How long to wait at most; nil waits for ever, zero or less tries once.
  ///   - fileID: Where debug builds report a lock order that may deadlock.
  ///   - line: The line in that file.
  /// - Returns: Whether the lock was taken.
  @available(*, noasync, message: "locks belong to threads; use withLock with a short body")
  public func lock(
    timeout: Duration?, fileID: StaticString = #fileID, line: UInt = #line
  ) -> Bool {
    if takesAgain() { return true }
    if timeout == nil { checks.willWaitInOrder(fileID, line) }
    guard word.mutexTryLock() || word.mutexLock(until: Deadline(timeout: timeout)) else { return false }
    own(level: 1)
    checks.acquired(fileID, line)
    return true
  }

  /// Takes the lock if no other thread holds it. Does not block.
  ///
  /// - Returns: Whether the lock was taken.
  @available(*, noasync, message: "locks belong to threads; use withLock with a short body")
  public func tryLock(fileID: StaticString = #fileID, line: UInt = #line) -> Bool {
    if takesAgain() { return true }
    guard word.mutexTryLock() else { return false }
    own(level: 1)
    checks.acquired(fileID, line)
    return true
  }

  /// Gives the lock back once; the last time wakes a thread that sleeps, if there is one.
  ///
  /// Traps if this thread does not hold the lock.
  @available(*, noasync, message: "locks belong to threads; use withLock with a short body")
  public func unlock() {
    guard isHeldByCurrentThread else {
      fatalError("unlock() of a RecursiveLock that this thread does not hold: \(state)")
    }
    let left = level.load(ordering: .relaxed) - 1
    if left > 0 { level.store(left, ordering: .relaxed) } else { disown() }
  }

  /// Whether a thread holds the lock now; it may be different when the call returns.
  public var isLocked: Bool { word.load(ordering: .relaxed) != MutexWord.free }

  /// Whether the calling thread holds the lock.
  public var isHeldByCurrentThread: Bool { owner.load(ordering: .relaxed) == parallel_thread_number() }

  /// How often the owner has taken the lock and not given it back; 0 for a free lock. For the owner it is exact.
  public var depth: Int { level.load(ordering: .relaxed) }

  private var state: String { isLocked ? "another thread holds it" : "it is not locked" }

  private func takesAgain() -> Bool {
    guard isHeldByCurrentThread else { return false }
    level.store(level.load(ordering: .relaxed) + 1, ordering: .relaxed)
    return true
  }

  private func own(level: Int) {
    owner.store(parallel_thread_number(), ordering: .relaxed)
    self.level.store(level, ordering: .relaxed)
  }

  private func disown() {
    checks.willRelease()
    level.store(0, ordering: .relaxed)
    owner.store(0, ordering: .relaxed)
    _ = word.mutexUnlock()
  }
}

// For waiting on a condition: all levels are given back, and taken again after it.
extension RecursiveLock {
  func releaseAllLevels() -> Int {
    defer { disown() }
    return depth
  }

  func reacquire(levels: Int, _ fileID: StaticString, _ line: UInt) {
    _ = word.mutexLock()
    own(level: levels)
    checks.acquired(fileID, line)
  }
}
