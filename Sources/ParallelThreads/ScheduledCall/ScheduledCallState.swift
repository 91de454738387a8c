import ParallelCore

/// How far a scheduled call has come, and those who wait for its end.
///
/// scheduled → calling → over, or back to scheduled if it repeats. Cancelling ends what is scheduled; what is being
/// called is over when the body returns.
struct ScheduledCallState: WaitRoomState {
  typealias Request = Void

  private enum Phase {
    case scheduled
    case calling(thread: UInt64)
    case over
  }

  private var phase = Phase.scheduled
  private var isCancelled = false
  /// When the next call is due.
  private(set) var due: Deadline
  /// In nanoseconds; nil for a single call.
  private let interval: UInt64?
  var timer: Timekeeper.Timer?

  init(due: Deadline, interval: UInt64?) {
    self.due = due
    self.interval = interval
  }

  var isOver: Bool {
    if case .over = phase { true } else { false }
  }

  func isCalled(by thread: UInt64) -> Bool {
    if case .calling(thread) = phase { true } else { false }
  }

  /// Whether the body is to be called now.
  mutating func begin(on thread: UInt64) -> Bool {
    guard case .scheduled = phase else { return false }
    phase = .calling(thread: thread)
    return true
  }

  /// The body has returned; whether there is a next call, at `due`. Calls whose time has passed meanwhile are left out.
  mutating func finish(now: Deadline, _ waiters: inout WaitList<Void>) -> Bool {
    guard let interval, !isCancelled else {
      end(&waiters)
      return false
    }
    let late = now < due ? 0 : (now.nanoseconds - due.nanoseconds) / interval
    due = Deadline(nanoseconds: due.nanoseconds + (late + 1) * interval)
    phase = .scheduled
    return true
  }

  /// Whether that made a difference.
  mutating func cancel(_ waiters: inout WaitList<Void>) -> Bool {
    switch phase {
    case .scheduled:
      isCancelled = true
      end(&waiters)
      return true
    case .calling:
      defer { isCancelled = true }
      return !isCancelled && interval != nil
    case .over:
      return false
    }
  }

  private mutating func end(_ waiters: inout WaitList<Void>) {
    phase = .over
    waiters.admitAll()
  }
}
