/// The one thread that waits for points in time, with the clock's own precision.
///
/// What it calls must be quick, must not block, and must not be the user's code. It needs no descriptors; the thread
/// starts with the first timer, and lives as long as the process.
package final class Timekeeper: Sendable {
  /// The process's timekeeper.
  package static let shared = Timekeeper()

  private struct State {
    var isRunning = false
    var timers = TimerQueue()
    /// Until when the thread sleeps; an earlier timer has to wake it.
    var sleepsUntil = Deadline(nanoseconds: 0)
  }

  private let state = Guarded(State())
  private let parker = Parker()

  /// Another timekeeper, for tests: its thread never ends. Everything else uses ``shared``.
  package init() {}

  /// A call that will be made at a certain time.
  package struct Timer: Sendable {
    fileprivate let number: UInt64
    fileprivate let timekeeper: Timekeeper

    /// Takes it back. Without effect when the call has been made or is under way.
    package func cancel() {
      // The body is let go of outside of the lock.
      let body = timekeeper.state.withLock { $0.timers.cancel(number) }
      withExtendedLifetime(body) {}
    }
  }

  /// Has `body` called at `deadline` or shortly after, unless the timer is cancelled before.
  ///
  /// While the system refuses the thread, timers wait; each new timer tries again.
  package func schedule(at deadline: Deadline, _ body: @escaping @Sendable () -> Void) -> Timer {
    let (number, isRunning, mustWake) = state.withLock { state in
      defer { state.isRunning = true }
      return (state.timers.add(at: deadline, body), state.isRunning, deadline < state.sleepsUntil)
    }
    if !isRunning { startThread() } else if mustWake { parker.unpark() }
    return Timer(number: number, timekeeper: self)
  }

  /// How many timers there are, for tests of leaks.
  package var timerCount: Int { state.withLock { $0.timers.count } }

  private func startThread() {
    do {
      _ = try NativeThread.start(name: "timekeeper") { self.run() }
    } catch {
      state.withLock { $0.isRunning = false }
    }
  }

  private func run() -> Never {
    while true {
      let (due, sleep) = state.withLock { state in
        let due = state.timers.isEmpty ? [] : state.timers.takeDue(now: .now)
        state.sleepsUntil = due.isEmpty ? state.timers.next : Deadline(nanoseconds: 0)
        return (due, state.sleepsUntil)
      }
      for body in due { body() }
      if due.isEmpty { _ = parker.park(until: sleep) }
    }
  }
}
