import ParallelCore

extension Future {
  /// What becomes of a wait whose task is cancelled.
  enum WaitCancellation {
    case endsWait
    case cancelsFuture
  }

  /// Suspends the task until the future is done; false when the deadline came first.
  @discardableResult
  func suspend(until deadline: Deadline, cancellation: WaitCancellation) async throws -> Bool {
    if isDone { return true }
    let reason: Wakeup
    if cancellation == .endsWait, Task.isCancelled {
      reason = .cancelled
    } else if deadline.hasPassed {
      reason = .timedOut
    } else {
      reason = await enrol(until: deadline, cancellation: cancellation)
    }
    // Success wins ties.
    if isDone { return true }
    if reason == .cancelled { throw CancellationError() }
    return false
  }

  private func enrol(until deadline: Deadline, cancellation: WaitCancellation) async -> Wakeup {
    let observers = madeObservers()
    let ticket = observers.reserve()
    let timer = deadline.isNever ? nil : observers.withdraw(ticket, at: deadline)
    defer { timer?.cancel() }
    return await withTaskCancellationHandler {
      // Resumed exactly once: a continuation leaves the list of observers once, to whoever took it out.
      await withUnsafeContinuation { continuation in
        observers.suspend(ticket, continuation)
      }
    } onCancel: {
      switch cancellation {
      case .endsWait: observers.withdraw(ticket, because: .cancelled)
      case .cancelsFuture: cancel()
      }
    }
  }
}
