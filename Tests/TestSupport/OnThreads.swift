import ParallelCore

/// Runs `body` on `count` threads at once, with their numbers, and waits for all of them; then throws what the first of
/// them threw that did.
package func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
  let errors = Guarded<[any Error]>([])
  let threads = try (0..<count).map { number in
    try NativeThread.start(name: "test-\(number)") {
      do { try body(number) } catch { errors.withLock { $0.append(error) } }
    }
  }
  for thread in threads { thread.join() }
  if let first = errors.withLock({ $0.first }) { throw first }
}

/// Runs `body` on a thread of its own, and waits for it.
package func onOtherThread(_ body: @escaping @Sendable () throws -> Void) throws {
  try onThreads(1) { _ in try body() }
}
