public import Synchronization

/// The package's own mutual exclusion: one word, a short spin, then sleep in the kernel.
///
/// `Synchronization.Mutex` is not used: on Linux it inherits priorities, which makes it slow under contention, and
/// the thread sanitizer does not understand it. Not recursive; not fair beyond the kernel's order of waking. Design
/// note: Mutex.md.
public final class ParkingLock: Sendable {
  @usableFromInline let word = Atomic<UInt32>(MutexWord.free)

  /// A lock that is free.
  public init() {}

  /// Waits for the lock and takes it.
  @inlinable
  public func lock() { _ = word.mutexLock() }

  /// Takes the lock if it is free.
  @inlinable
  public func tryLock() -> Bool { word.mutexTryLock() }

  /// Gives the lock back and wakes one sleeper, if there is one.
  @inlinable
  public func unlock() { _ = word.mutexUnlock() }

  /// Runs `body` with the lock held.
  @inlinable
  public func withLock<Result: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock()
    defer { unlock() }
    return try body()
  }
}
