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

  package typealias StartThread = @Sendable (@escaping @Sendable () -> Void) throws(ParallelError) -> Void

  private let state = Guarded(State())
  private let parker = Parker()
  private let startThread: StartThread

  /// Another timekeeper, for tests: its thread never ends. Everything else uses ``shared``.
  package init(
    startThread: @escaping StartThread = { body throws(ParallelError) in
      _ = try NativeThread.start(name: "timekeeper", body)
    }
  ) {
    self.startThread = startThread
  }

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
  /// While the system refuses the thread, a task keeps time, to 10 ms.
  package func schedule(at deadline: Deadline, _ body: @escaping @Sendable () -> Void) -> Timer {
    let (number, isRunning, mustWake) = state.withLock { state in
      defer { state.isRunning = true }
      return (state.timers.add(at: deadline, body), state.isRunning, deadline < state.sleepsUntil)
    }
    if !isRunning { start() } else if mustWake { parker.unpark() }
    return Timer(number: number, timekeeper: self)
  }

  /// How many timers there are, for tests of leaks.
  package var timerCount: Int { state.withLock { $0.timers.count } }

  private func start() {
    do { try startThread { self.run() } } catch { Task.detached { await self.runWithoutThread() } }
  }

  private func run() -> Never {
    while true { if !callDue() { _ = parker.park(until: state.withLock { $0.sleepsUntil }) } }
  }

  /// Until there is no timer; the next one tries to start the thread again.
  private func runWithoutThread() async {
    while true {
      if callDue() { continue }
      let isOver = state.withLock { state in
        if state.timers.isEmpty { state.isRunning = false }
        return state.timers.isEmpty
      }
      if isOver { return }
      try? await Task.sleep(for: .milliseconds(10))
    }
  }

  /// Whether there was something to call.
  private func callDue() -> Bool {
    let due = state.withLock { state in
      let due = state.timers.isEmpty ? [] : state.timers.takeDue(now: .now)
      state.sleepsUntil = due.isEmpty ? state.timers.next : Deadline(nanoseconds: 0)
      return due
    }
    for body in due { body() }
    return !due.isEmpty
  }
}
