/// One thread's copy of a thread-local variable. Only that thread ever touches it.
@usableFromInline
final class ThreadLocalBox<Value> {
  // Unchecked: `isBeingChanged` keeps the accesses apart, at a lower cost and with a message of its own.
  @exclusivity(unchecked) @usableFromInline var value: Value
  @exclusivity(unchecked) @usableFromInline var isBeingChanged = false

  @usableFromInline
  init(_ value: Value) { self.value = value }

  @inlinable @inline(__always)
  func read() -> Value {
    checkIsFree()
    return value
  }

  @inlinable @inline(__always)
  func write(_ newValue: Value) {
    checkIsFree()
    value = newValue
  }

  @inlinable @inline(__always)
  func change<Result: ~Copyable, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    checkIsFree()
    isBeingChanged = true
    defer { isBeingChanged = false }
    return try body(&value)
  }

  @inlinable @inline(__always)
  func checkIsFree() {
    if isBeingChanged { ThreadLocalMisuse.usedInsideItsOwnChange() }
  }
}

/// What a program did wrong with a thread-local.
@usableFromInline
enum ThreadLocalMisuse {
  @usableFromInline @inline(never)
  static func usedInsideItsOwnChange() -> Never {
    fatalError("a ThreadLocal was used inside its own withValue; use the closure's parameter instead")
  }
}
