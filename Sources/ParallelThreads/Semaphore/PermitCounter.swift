import ParallelCore

/// What ``Semaphore`` and ``BoundedSemaphore`` have in common: taking permits.
///
/// Permits are handed over strictly in the order in which threads and tasks asked.
///
/// ```swift
/// func download(_ urls: [URL], atOnce limit: PermitCounter) async throws {
///   for url in urls { try await limit.withPermit { try await fetch(url) } }
/// }
/// ```
public class PermitCounter: @unchecked Sendable {
  // Sendable: nothing but constants here and in the subclasses; the room guards its state.
  let room: WaitRoom<SemaphoreState>

  init(permits: Int) {
    precondition(permits >= 0, "a semaphore begins with zero or more permits, not with \(permits)")
    room = WaitRoom(SemaphoreState(permits: permits))
  }

  /// How many permits are free now; it may be different when the call returns.
  public final var freePermits: Int { room.read { state, _ in state.free } }

  /// Takes a permit if one is free. Does not block.
  ///
  /// - Returns: Whether a permit was taken.
  public final func tryAcquire() -> Bool { room.change { state, _ in state.take() } }

  /// Gives one permit back, as the kind of semaphore does it.
  func giveBack() throws { preconditionFailure("each kind of semaphore does it its own way") }

  private func enter() -> Waiter<Void>? { room.enter { $0.take() ? nil : () } }

  /// Takes a permit; blocks the thread until it gets one.
  ///
  /// - Parameters:
  ///   - timeout: How long to wait at most; nil waits for ever, zero or less tries once.
  ///   - fileID: Where a debug build reports the call if it blocks a thread that Swift tasks share.
  ///   - line: The line in that file.
  /// - Returns: Whether a permit was taken; false when the time was over first.
  /// - Throws: `CancellationError` when the thread's ``CancellationToken`` was cancelled first.
  @available(*, noasync, message: "this would block a thread that Swift tasks share; await acquire(timeout:)")
  @discardableResult
  public final func acquire(
    timeout: Duration? = nil, fileID: StaticString = #fileID, line: UInt = #line
  ) throws(CancellationError) -> Bool {
    guard let waiter = enter() else { return true }
    return try room.park(waiter, until: Deadline(timeout: timeout), fileID: fileID, line: line)
  }

  /// Takes a permit, and suspends the task until it gets one.
  ///
  /// - Parameter timeout: How long to wait at most; nil waits for ever, zero or less tries once.
  /// - Returns: Whether a permit was taken; false when the time was over first.
  /// - Throws: `CancellationError` when the task was cancelled first.
  @discardableResult
  public final func acquire(timeout: Duration? = nil) async throws(CancellationError) -> Bool {
    guard let waiter = enter() else { return true }
    return try await room.suspend(waiter, until: Deadline(timeout: timeout))
  }
}
