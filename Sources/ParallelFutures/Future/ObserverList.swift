import DequeModule

/// Why a suspended task goes on.
package enum Wakeup: Sendable, Hashable {
  case done
  case timedOut
  case cancelled
}

/// Who is to be told that a future is done: suspended tasks and callbacks. Values only; the caller holds the lock, and
/// does what is returned after letting go of it.
package struct ObserverList<Continuation> {
  package typealias Callback = @Sendable () -> Void
  package typealias Ticket = UInt64

  /// A task on its way into or out of its wait.
  private enum Waiter {
    case reserved
    case withdrawn(Wakeup)
    case suspended(Continuation)
  }

  package init() {}

  private var waiters: [Ticket: Waiter] = [:]
  private var lastTicket: Ticket = 0
  private var callbacks = Deque<Callback>()
  private var isDraining = false
  package private(set) var isClosed = false

  /// A place for a task that is about to suspend; it can be withdrawn from then on.
  package mutating func reserve() -> Ticket {
    lastTicket += 1
    if !isClosed { waiters[lastTicket] = .reserved }
    return lastTicket
  }

  /// The task has suspended; returns why it is to go on at once, if so.
  package mutating func suspend(_ ticket: Ticket, _ continuation: Continuation) -> Wakeup? {
    switch waiters[ticket] {
    case .reserved:
      waiters[ticket] = .suspended(continuation)
      return nil
    case .withdrawn(let reason):
      waiters[ticket] = nil
      return reason
    case .suspended, nil:
      return .done
    }
  }

  /// The wait of a task is over early; returns the continuation to resume with `reason`, if it has suspended.
  package mutating func withdraw(_ ticket: Ticket, because reason: Wakeup) -> Continuation? {
    switch waiters[ticket] {
    case .suspended(let continuation):
      waiters[ticket] = nil
      return continuation
    case .reserved:
      waiters[ticket] = .withdrawn(reason)
      return nil
    case .withdrawn, nil:
      return nil
    }
  }

  /// Adds a callback; returns whether somebody has to be sent to call what is in the queue.
  package mutating func add(_ callback: @escaping Callback) -> Bool {
    callbacks.append(callback)
    return startsDraining()
  }

  /// The next callback to call, for whoever was sent; after nil they are done.
  package mutating func nextCallback() -> Callback? {
    let next = callbacks.popFirst()
    isDraining = next != nil
    return next
  }

  /// The future is done: returns the tasks to resume, in the order in which they came, and whether somebody has to be
  /// sent to call the callbacks.
  package mutating func close() -> (resumed: [Continuation], drains: Bool) {
    isClosed = true
    let suspended = waiters.compactMap { ticket, waiter -> (ticket: Ticket, continuation: Continuation)? in
      if case .suspended(let continuation) = waiter { (ticket, continuation) } else { nil }
    }
    waiters = [:]
    return (suspended.sorted { $0.ticket < $1.ticket }.map(\.continuation), startsDraining())
  }

  private mutating func startsDraining() -> Bool {
    guard isClosed, !isDraining, !callbacks.isEmpty else { return false }
    isDraining = true
    return true
  }
}
