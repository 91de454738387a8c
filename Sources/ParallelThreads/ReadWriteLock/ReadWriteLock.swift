import ParallelCore
import Synchronization

/// Many readers or one writer: for data that is read often and changed seldom.
///
/// ```swift
/// let lock = ReadWriteLock()
/// let price = lock.withReadLock { prices[item] }
/// lock.withWriteLock { prices[item] = newPrice }
/// ```
///
/// Neither kind starves the other. Those who wait stand in one line in order of arrival; a new reader does not overtake
/// a waiting writer, and when a reader's turn comes all readers behind it up to the next writer go in with it. A running
/// writer may take a free lock before a sleeping thread wakes, which is several times faster than handing it over; a
/// thread that was passed over so 64 times goes before everybody.
///
/// The lock has no owner: any thread may give it back. It is not recursive: a thread that reads must not ask for the
/// lock again, neither to write (it would wait for itself) nor to read (it would wait for a writer that waits for it).
/// There is no way from reading to writing but to give the lock back and to look again afterwards. Debug builds report a
/// writer that waits for itself; ``LockOrder`` does not follow the orders of these locks.
///
/// Waits ignore cancellation. Locks belong to threads; in a task only `withReadLock` and `withWriteLock` are available,
/// for short bodies. A short body is protected more cheaply by a ``Lock``: readers too write to the lock's memory.
///
/// The corresponding C type is `pthread_rwlock_t`. Source: the design note `ReadWriteLock.md`, beside this file.
public final class ReadWriteLock: Sendable {
  let word: Atomic<ReadWriteWord>
  let line = Guarded(ReadWriteLine())
  let checks = LockChecks()

  /// Creates a lock that is free.
  public convenience init() { self.init(word: .free) }

  init(word: ReadWriteWord) { self.word = Atomic(word) }

  /// Whether a writer holds the lock now; it may be different when the call returns.
  public var isLockedForWriting: Bool { word.load(ordering: .relaxed).isWritten }

  /// How many readers hold the lock now; it may be different when the call returns.
  public var readerCount: Int { Int(word.load(ordering: .relaxed).readerCount) }

  /// Runs `body` with the lock held for reading, and gives the lock back also when `body` throws.
  ///
  /// Blocks the thread while somebody writes, in a task too: keep such bodies short.
  ///
  /// - Parameters:
  ///   - fileID: Where debug builds report a wait for oneself.
  ///   - line: The line in that file.
  ///   - body: What to do; it must not ask for the lock again.
  /// - Returns: What `body` returns.
  @inlinable
  public func withReadLock<Result: ~Copyable, Failure: Error>(
    fileID: StaticString = #fileID, line: UInt = #line, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lockForReading(fileID: fileID, line: line)
    defer { unlockAfterReading() }
    return try body()
  }

  /// Runs `body` with the lock held for writing, and gives the lock back also when `body` throws.
  ///
  /// Blocks the thread while somebody reads or writes, in a task too: keep such bodies short.
  ///
  /// - Parameters:
  ///   - fileID: Where debug builds report a wait for oneself.
  ///   - line: The line in that file.
  ///   - body: What to do; it must not ask for the lock again.
  /// - Returns: What `body` returns.
  @inlinable
  public func withWriteLock<Result: ~Copyable, Failure: Error>(
    fileID: StaticString = #fileID, line: UInt = #line, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lockForWriting(fileID: fileID, line: line)
    defer { unlockAfterWriting() }
    return try body()
  }
}
