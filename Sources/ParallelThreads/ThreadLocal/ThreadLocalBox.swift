/// One thread's copy of a thread-local variable. Only that thread ever touches it.
@usableFromInline
struct ThreadLocalCell<Value> {
  @usableFromInline var value: Value
  /// Keeps accesses apart, at a lower cost than the compiler's own check and with a message of its own.
  @usableFromInline var isBeingChanged = false

  @usableFromInline
  init(_ value: Value) { self.value = value }
}

/// Where a copy is, as its thread uses it; owns nothing.
///
/// Good as long as the thread-local lives: its cell goes when the thread ends, or when the thread-local goes.
/// So no access needs a reference count.
@usableFromInline
struct ThreadLocalBox<Value> {
  @usableFromInline let cell: UnsafeMutablePointer<ThreadLocalCell<Value>>

  @usableFromInline
  init(_ cell: UnsafeMutablePointer<ThreadLocalCell<Value>>) { self.cell = cell }

  @inlinable @inline(__always)
  func read() -> Value {
    checkIsFree()
    return cell.pointee.value
  }

  @inlinable @inline(__always)
  func write(_ newValue: Value) {
    checkIsFree()
    // The old value goes last: its end may run code of the user's, which may come back here.
    var old = newValue
    swap(&old, &cell.pointee.value)
  }

  @inlinable @inline(__always)
  func change<Result: ~Copyable, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    checkIsFree()
    cell.pointee.isBeingChanged = true
    defer { cell.pointee.isBeingChanged = false }
    return try body(&cell.pointee.value)
  }

  @inlinable @inline(__always)
  func checkIsFree() {
    if cell.pointee.isBeingChanged { ThreadLocalMisuse.usedInsideItsOwnChange() }
  }
}

/// What a thread's table owns for each copy.
final class ThreadLocalOwner<Value> {
  let cell: UnsafeMutablePointer<ThreadLocalCell<Value>>

  init(_ value: Value) {
    cell = .allocate(capacity: 1)
    cell.initialize(to: ThreadLocalCell(value))
  }

  deinit { cell.deinitialize(count: 1).deallocate() }
}

/// What a program did wrong with a thread-local.
@usableFromInline
enum ThreadLocalMisuse {
  @usableFromInline @inline(never)
  static func usedInsideItsOwnChange() -> Never {
    fatalError("a ThreadLocal was used inside its own withValue; use the closure's parameter instead")
  }
}
