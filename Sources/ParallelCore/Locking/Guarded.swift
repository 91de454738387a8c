public import Synchronization

/// A value that is only reached through its lock.
///
/// Inlinable, because it stands in hot paths of other modules, where an unspecialised closure would cost more than the
/// lock. The lock is that of ``ParkingLock``, without an object of its own.
public final class Guarded<Value>: @unchecked Sendable {
  // Sendable: `value` is touched only inside `withLock`, with the word held.
  @usableFromInline let word = Atomic<UInt32>(MutexWord.free)
  @usableFromInline var value: Value

  /// A value, and a lock that is free.
  @inlinable
  public init(_ value: sending Value) { self.value = value }

  /// Runs `body` with the lock held. Nothing that may call back, resume or block belongs inside.
  @inlinable
  public func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    _ = word.mutexLock()
    defer { _ = word.mutexUnlock() }
    return try body(&value)
  }
}
