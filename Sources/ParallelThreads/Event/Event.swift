import ParallelCore
import Synchronization

/// A flag that threads and tasks can wait for.
///
/// ```swift
/// let ready = Event()
/// let thread = try WorkerThread.start { try ready.wait(); serve() }
/// prepare()
/// ready.set()
/// ```
///
/// Whoever waits when it is set goes on, also if it is cleared at once; once set it lets everybody pass until it is
/// cleared. Not for signal handlers.
public final class Event: Sendable {
  let room: WaitRoom<EventState>
  /// What the room's state says, for those who find it set. Written in the room only.
  private let flag: Atomic<Bool>

  /// Creates an event.
  ///
  /// - Parameter isSet: Whether it lets everybody pass from the beginning.
  public init(isSet: Bool = false) {
    room = WaitRoom(EventState(isSet: isSet))
    flag = Atomic(isSet)
  }

  /// Whether it is set now; it may be different when the call returns.
  public var isSet: Bool { flag.load(ordering: .acquiring) }

  /// Sets the flag and wakes all who wait. Does not block.
  public func set() {
    room.change { state, waiters in
      flag.store(true, ordering: .releasing)
      state.set(&waiters)
    }
  }

  /// Clears the flag: who comes from now on waits. Does not block.
  public func clear() {
    room.change { state, _ in
      flag.store(false, ordering: .relaxed)
      state.isSet = false
    }
  }

  func enter() -> Waiter<Void>? {
    isSet ? nil : room.enter { $0.isSet ? nil : () }
  }
}
