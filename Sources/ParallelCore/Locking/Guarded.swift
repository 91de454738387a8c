/// A value that is only reached through its lock.
package final class Guarded<Value>: @unchecked Sendable {
  // Sendable: `value` is touched only inside `withLock`, under `lock`.
  private let lock = ParkingLock()
  private var value: Value

  package init(_ value: sending Value) { self.value = value }

  /// Runs `body` with the lock held. Nothing that may call back, resume or block belongs inside.
  package func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
