import ParallelCore

/// Runs a command for a task on a thread of its own: beside a process a thread is cheap.
enum CommandThread {
  /// Cancelling the task cancels the blocking waits of `body`.
  static func run<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    let source = CancellationSource()
    return try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in
        do throws(ParallelError) {
          _ = try NativeThread.start(name: "command") {
            continuation.resume(with: Result { try source.bound(body) })
          }
        } catch {
          continuation.resume(throwing: error)
        }
      }
    } onCancel: {
      source.cancel()
    }
  }
}
