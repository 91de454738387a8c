import ParallelCore
import Testing

/// Runs `body` on `count` threads at once, with their numbers, and waits for all of them.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
  let threads = try (0..<count).map { number in
    try NativeThread.start(name: "test-\(number)") {
      do { try body(number) } catch { Issue.record(error, "on thread \(number)") }
    }
  }
  for thread in threads { thread.join() }
}

/// Runs `body` on a thread of its own, and waits for it.
func onOtherThread(_ body: @escaping @Sendable () throws -> Void) throws {
  try onThreads(1) { _ in try body() }
}
