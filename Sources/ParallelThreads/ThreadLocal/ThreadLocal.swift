import ParallelCore

/// A variable of which each thread has its own copy.
///
/// ```swift
/// let buffer = ThreadLocal { [UInt8]() }
/// buffer.withValue { $0.append(7) }       // this thread's buffer, and nobody else's
/// ```
///
/// A thread's copy is made when the thread first uses it, and destroyed on that thread when it ends, whoever
/// started the thread. The main thread's copies are not destroyed when the process ends. Destroying a copy
/// may use this and other thread-locals, which makes new copies; after eight rounds of that the
/// rest is left.
///
/// When the `ThreadLocal` itself goes away, the copy of the thread that lets go of it is destroyed at once.
/// Those of other threads stay unreachable until the thread ends, or uses a newer `ThreadLocal` in the same
/// place.
///
/// It belongs to threads, not to Swift tasks: a task may go on on another thread after each `await`, and
/// other tasks use the thread meanwhile. Tasks have `@TaskLocal`. Therefore its members can't be used in
/// asynchronous functions.
///
/// The corresponding C functions are `pthread_key_create` and `pthread_getspecific`; all thread-locals
/// together take one of the process's 1,024 keys.
public final class ThreadLocal<Value>: @unchecked Sendable {
  // Sendable: everything here is immutable, `initial` is Sendable, and a `Value` never leaves the thread that
  // made it.

  /// Where in each thread's table the copy is.
  @usableFromInline let place: ThreadLocalPlace
  @usableFromInline let initial: @Sendable () -> Value

  /// Makes a variable; no thread has a copy yet.
  ///
  /// - Parameter initial: Makes a thread's copy, on that thread. It must not read the same variable.
  public init(_ initial: @escaping @Sendable () -> Value) {
    place = ThreadLocalPlaces.take()
    self.initial = initial
  }

  deinit {
    ThreadLocalTable.clear(place)
    ThreadLocalPlaces.giveBack(place)
  }
}
