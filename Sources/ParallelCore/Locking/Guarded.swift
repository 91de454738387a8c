/// A value that is only reached through its lock.
///
/// Inlinable, because it stands in hot paths of other modules, where an unspecialised closure would cost more than the
/// lock.
package final class Guarded<Value>: @unchecked Sendable {
  // Sendable: `value` is touched only inside `withLock`, under `lock`.
  @usableFromInline let lock = ParkingLock()
  @usableFromInline var value: Value

  @inlinable
  package init(_ value: sending Value) { self.value = value }

  /// Runs `body` with the lock held. Nothing that may call back, resume or block belongs inside.
  @inlinable
  package func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
