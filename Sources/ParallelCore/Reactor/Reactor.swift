package import SystemPackage
import Synchronization

/// The one thread that waits for everything: sockets, processes, timers.
///
/// It starts with the first registration and lives as long as the process. Handlers run on it, one after the other, and
/// therefore never block, never write to anything that may block, and never call code of the user's.
///
/// Who owns what: a registration belongs to whoever made it; the table and the timers belong to the reactor, under its
/// lock. A descriptor must stay open until its registration was cancelled, and be closed on the reactor (in a handler,
/// or by `perform`), so that no handler ever reads a descriptor that has got its number.
package final class Reactor: Sendable {
  /// The process's reactor.
  package static let shared = Reactor()

  struct State {
    var isRunning = false
    var epoll = FileDescriptor(rawValue: -1)
    var event = FileDescriptor(rawValue: -1)
    var nextNumber: UInt64 = 1
    var handlers: [UInt64: Registration] = [:]
    var timers = TimerQueue()
    var pending: [@Sendable () -> Void] = []
    /// What the thread's present wait was told; an earlier timer has to wake it.
    var sleepsUntil = Deadline(nanoseconds: 0)
  }

  /// The number under which the reactor's own event is registered.
  static let eventNumber: UInt64 = 0

  let state = Guarded(State())
  /// The thread's number, once it runs.
  let thread = Atomic<UInt64>(0)

  /// Whether the caller is the reactor.
  package var isCurrent: Bool { thread.load(ordering: .relaxed) == SystemCalls.currentThread }

  /// Another reactor, for tests: its thread never ends. Everything else uses ``shared``.
  package init() {}

  /// Calls `handler` on the reactor whenever `descriptor` is ready for one of `interests`.
  ///
  /// Level-triggered: a handler that leaves data behind is called again. Throws `ParallelError` with the code `system`
  /// when the reactor can't be started or the descriptor can't be waited for.
  package func register(
    _ descriptor: FileDescriptor, for interests: SystemCalls.Readiness,
    handler: @escaping @Sendable (SystemCalls.Readiness) -> Void
  ) throws(ParallelError) -> Registration {
    try start()
    let registration = state.withLock { state in
      let registration = Registration(
        number: state.nextNumber, descriptor: descriptor, reactor: self, handler: handler)
      state.nextNumber += 1
      state.handlers[registration.number] = registration
      return registration
    }
    do {
      try SystemCalls.add(descriptor, to: epoll, for: interests, number: registration.number)
    } catch {
      state.withLock { _ = $0.handlers.removeValue(forKey: registration.number) }
      throw ParallelError(.system, "descriptor \(descriptor.rawValue) can't be waited for", underlying: error)
    }
    return registration
  }

  /// Runs `body` on the reactor, soon; or, if the reactor was not started, when it is.
  package func perform(_ body: @escaping @Sendable () -> Void) {
    let event = state.withLock { state in
      state.pending.append(body)
      return state.isRunning ? Optional(state.event) : nil
    }
    if let event { SystemCalls.ring(event) }
  }

  /// Runs `body` on the reactor at `deadline` or up to a millisecond later, unless the timer is cancelled before.
  package func schedule(
    at deadline: Deadline, _ body: @escaping @Sendable () -> Void
  ) throws(ParallelError) -> ReactorTimer {
    try start()
    let (timer, mustWake) = state.withLock { state in
      let timer = state.timers.add(at: deadline, body)
      return (timer, deadline < state.sleepsUntil)
    }
    if mustWake { SystemCalls.ring(event) }
    return ReactorTimer(number: timer, reactor: self)
  }

  /// How many registrations there are, for tests of leaks.
  package var registrationCount: Int { state.withLock { $0.handlers.count } }

  var epoll: FileDescriptor { state.withLock { $0.epoll } }
  private var event: FileDescriptor { state.withLock { $0.event } }
}
