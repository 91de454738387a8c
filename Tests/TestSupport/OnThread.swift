import ParallelCore

/// Runs `body` on a thread of its own, where it may block, while the calling task is suspended.
@discardableResult
package func onThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
  try await withCheckedThrowingContinuation { continuation in
    do {
      _ = try NativeThread.start(name: "test") { continuation.resume(with: Result(catching: body)) }
    } catch {
      continuation.resume(throwing: error)
    }
  }
}
