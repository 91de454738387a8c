import ParallelCore

/// A meeting point for a fixed number of threads and tasks: nobody goes on until all have come.
///
/// ```swift
/// let barrier = Barrier(parties: 4) { grid.swap() }      // runs once a round, before anybody goes on
/// for worker in 0..<4 {
///   try startNewThread {
///     for _ in 0..<rounds {
///       compute(worker)
///       try barrier.wait()
///     }
///   }
/// }
/// ```
///
/// It can be used again and again. If one of those who wait gives up, at its time limit or because it is cancelled, the
/// others can't succeed any more: the barrier is *broken*, their waits throw ``ParallelError`` with the code
/// `brokenBarrier`, and so does every later one, until somebody calls ``reset()``.
///
/// The corresponding C type is `pthread_barrier_t`, which has neither time limits nor a way to give up.
public final class Barrier: Sendable {
  /// How many have to come.
  public let parties: Int

  let room: WaitRoom<BarrierState>
  let action: (@Sendable () throws -> Void)?
  let timeout: Duration?

  /// Creates a barrier.
  ///
  /// - Parameters:
  ///   - parties: How many have to come; less than one traps.
  ///   - timeout: How long a wait lasts at most if it names no limit itself; nil means for ever.
  ///   - action: Called once each time that all have come, by the last one, before anybody goes on. If it throws, the
  ///     last one's wait throws its error, and the barrier is broken.
  public init(parties: Int, timeout: Duration? = nil, action: (@Sendable () throws -> Void)? = nil) {
    precondition(parties > 0, "a barrier is for at least one party, not for \(parties)")
    self.parties = parties
    self.timeout = timeout
    self.action = action
    room = WaitRoom(BarrierState(parties: parties))
  }

  /// How many wait for the rest now; it may be different when the call returns.
  public var waitingCount: Int { room.read { state, _ in state.arrived } }

  /// Whether waits fail at once, until ``reset()``.
  public var isBroken: Bool { room.read { state, _ in state.isBroken } }

  /// Breaks the barrier: those who wait fail, and those who come later. Does not block.
  public func abort() { room.change { $0.break(&$1) } }

  /// Makes the barrier as new; those who wait now fail. Does not block.
  public func reset() { room.change { $0.reset(&$1) } }
}
