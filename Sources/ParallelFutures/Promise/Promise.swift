import ParallelCore

/// The writing end of a ``Future``: whoever holds it owes a result.
///
/// ```swift
/// func sum(_ numbers: [Int]) -> Future<Int> {
///   let promise = Promise<Int>()
///   workQueue.add {
///     guard promise.start() else { return }    // cancelled while it was waiting
///     try promise.succeed(numbers.reduce(0, +))
///   }
///   return promise.future
/// }
/// ```
///
/// One result only: a second one throws ``ParallelError`` with the code `misuse`. A promise that goes away without
/// having given a result fails its future, so that nobody waits for ever. No call here blocks or runs callbacks.
public final class Promise<Value: Sendable>: Sendable {
  /// The reading end.
  public let future: Future<Value>

  /// Makes a promise and its future, which is pending.
  public init() { future = Future() }

  /// Makes a promise whose future's waiting threads are given something to do.
  package init(helper: any WaitHelper) { future = Future(helper: helper) }

  deinit {
    if future.isDone { return }
    let error = ParallelError(
      .misuse, "the promise was dropped before it had a result; complete it on every path")
    // Can't throw: nobody else can complete a promise whose last reference is gone.
    _ = try? fail(error)
  }

  /// Says that the work begins: pending becomes running.
  ///
  /// - Returns: Whether this call made the future running. False when the future was cancelled, or when the work
  ///   was begun or ended by somebody else: in each case there is nothing to do.
  public func start() -> Bool { future.apply { $0.start() }.wins }

  /// Leaves a hook that is called once if the future is cancelled, pending or running: on the cancelling thread, after
  /// waiters were told, with no lock held. It is called at once if the future was cancelled already, and let go
  /// when the future ends otherwise.
  ///
  /// - Throws: ``ParallelError`` with the code `misuse` when there is a hook already.
  public func onCancel(_ hook: @escaping @Sendable () -> Void) throws(ParallelError) {
    guard future.setCancelHook(hook) else {
      throw ParallelError(.misuse, "this promise has a cancel hook already; do both things in one")
    }
  }
}
