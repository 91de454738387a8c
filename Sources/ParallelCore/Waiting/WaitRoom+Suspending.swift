extension WaitRoom {
  /// The second step of a task's wait: suspends until admitted; false when the deadline came first.
  ///
  /// - Throws: `CancellationError` when the task was cancelled first.
  package func suspend(
    _ waiter: Waiter<Request>, until deadline: Deadline
  ) async throws(CancellationError) -> Bool {
    if deadline.hasPassed {
      withdraw(waiter, because: .timedOut)
      return try waiter.outcome()
    }
    let timer =
      deadline.isNever
      ? nil : Timekeeper.shared.schedule(at: deadline) { self.withdraw(waiter, because: .timedOut) }
    defer { timer?.cancel() }
    await withTaskCancellationHandler {
      // Resumed exactly once: by whoever ends the wait, or here if it has ended before the task could suspend.
      await withUnsafeContinuation { continuation in
        let hasEnded = contents.withLock { _ in
          if waiter.end == nil { waiter.continuation = continuation }
          return waiter.end != nil
        }
        if hasEnded { continuation.resume() }
      }
    } onCancel: {
      withdraw(waiter, because: .cancelled)
    }
    waiter.seeWakeUp()
    return try waiter.outcome()
  }
}
