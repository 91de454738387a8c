internal import CParallel
import ParallelCore

/// A call that is made later, once or again and again.
///
/// ```swift
/// let reminder = ScheduledCall(after: .seconds(30)) { print("still waiting") }
/// defer { reminder.cancel() }
///
/// let heartbeat = ScheduledCall(every: .milliseconds(500)) { send(.ping) }
/// ```
///
/// One thread of the package waits for all scheduled calls; the bodies run on other threads, which they may block, at
/// most 64 at the same time in a process. A repeating call keeps to its rhythm and never overlaps itself: if its body
/// takes too long, the calls that should have come meanwhile are left out. It goes on until it is cancelled, whether or
/// not somebody holds this object.
///
/// The corresponding C function is `timer_create`.
public final class ScheduledCall: Sendable {
  let room: WaitRoom<ScheduledCallState>
  private let body: @Sendable () -> Void

  /// Has `body` called once.
  ///
  /// - Parameters:
  ///   - delay: How long from now; zero or less means at once.
  ///   - body: What to do; may block.
  @discardableResult
  public convenience init(after delay: Duration, _ body: @escaping @Sendable () -> Void) {
    self.init(ScheduledCallState(due: Deadline(timeout: delay), interval: nil), body)
  }

  /// Has `body` called again and again.
  ///
  /// - Parameters:
  ///   - interval: The time from one call to the next; less than a microsecond traps.
  ///   - delay: The time from now to the first call; nil takes the interval.
  ///   - body: What to do; may block.
  @discardableResult
  public convenience init(
    every interval: Duration, after delay: Duration? = nil, _ body: @escaping @Sendable () -> Void
  ) {
    precondition(interval >= .microseconds(1), "a call can't be repeated every \(interval)")
    let (seconds, attoseconds) = interval.components
    // A century is long enough, and leaves room to add to.
    let nanoseconds =
      UInt64(min(seconds, 3_200_000_000)) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    let due = max(Deadline(timeout: delay ?? interval), .now)
    self.init(ScheduledCallState(due: due, interval: nanoseconds), body)
  }

  private init(_ state: ScheduledCallState, _ body: @escaping @Sendable () -> Void) {
    self.body = body
    room = WaitRoom(state)
    schedule(at: state.due)
  }

  /// Takes the call back, or ends the repetition. Does not block; a body that runs is not interrupted.
  ///
  /// - Returns: Whether that kept a call from being made.
  @discardableResult
  public func cancel() -> Bool {
    let (difference, timer) = room.change { state, waiters in
      (state.cancel(&waiters), state.timer.take())
    }
    timer?.cancel()
    return difference
  }

  /// Whether no call will follow and none is being made.
  public var isOver: Bool { room.read { state, _ in state.isOver } }
}

extension ScheduledCall {
  private func schedule(at due: Deadline) {
    guard !due.isNever else { return }
    let timer = Timekeeper.shared.schedule(at: due) { CallbackThreads.shared.run { self.call() } }
    let isLate = room.change { state, _ in
      state.timer = timer
      return state.isOver
    }
    // Cancelled before the timer was known.
    if isLate { timer.cancel() }
  }

  private func call() {
    guard room.change({ state, _ in state.begin(on: parallel_thread_number()) }) else { return }
    body()
    let next = room.change { state, waiters in
      state.finish(now: .now, &waiters) ? state.due : nil
    }
    if let next { schedule(at: next) }
  }
}
