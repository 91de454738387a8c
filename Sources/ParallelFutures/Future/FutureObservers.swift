import ParallelCore

/// The list of a future's observers with its lock; does outside of the lock what the list decides under it.
final class FutureObservers: Sendable {
  typealias Continuation = UnsafeContinuation<Wakeup, Never>
  typealias Ticket = ObserverList<Continuation>.Ticket

  private let list = Guarded(ObserverList<Continuation>())

  func reserve() -> Ticket { list.withLock { $0.reserve() } }

  func suspend(_ ticket: Ticket, _ continuation: Continuation) {
    if let reason = list.withLock({ $0.suspend(ticket, continuation) }) {
      continuation.resume(returning: reason)
    }
  }

  func withdraw(_ ticket: Ticket, because reason: Wakeup) {
    list.withLock { $0.withdraw(ticket, because: reason) }?.resume(returning: reason)
  }

  /// Withdraws the ticket at the deadline; the returned timer is to be cancelled when the wait is over.
  func withdraw(_ ticket: Ticket, at deadline: Deadline) -> Task<Void, Never> {
    Task.detached {
      while let left = deadline.remaining, left > .zero {
        // In slices, because the clock can't be set for centuries ahead.
        guard (try? await Task.sleep(for: min(left, Duration.seconds(3600)), clock: .suspending)) != nil
        else {
          return
        }
      }
      self.withdraw(ticket, because: .timedOut)
    }
  }

  func add(_ callback: @escaping @Sendable () -> Void) {
    if list.withLock({ $0.add(callback) }) { sendForCallbacks() }
  }

  func close() {
    let (resumed, drains) = list.withLock { $0.close() }
    for continuation in resumed { continuation.resume(returning: .done) }
    if drains { sendForCallbacks() }
  }

  private func sendForCallbacks() {
    CallbackThreads.shared.run {
      while let callback = self.list.withLock({ $0.nextCallback() }) { callback() }
    }
  }
}
