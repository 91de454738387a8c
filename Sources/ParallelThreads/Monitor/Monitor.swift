import ParallelCore
import Synchronization

/// A value, the lock that protects it, and a way to wait until the value is as wanted: in one.
///
/// ```swift
/// let orders = Monitor<[Order]>([])
///
/// orders.withLock { $0.append(order) }                                           // producer: nothing to notify
/// let next = try orders.withLock(when: { !$0.isEmpty }) { $0.removeFirst() }     // consumer, blocking
/// let last = try await orders.withLock(when: { !$0.isEmpty }) { $0.removeLast() }
/// try orders.wait(until: \.isEmpty, timeout: .seconds(5))
/// ```
///
/// The value can't be reached without the lock, and there is nothing to notify: whoever changes the value looks, before
/// he gives the lock back, for whom of those who wait it is now as wanted, and wakes just them. So a change costs one
/// call of each waiting condition. Conditions are called with the lock held, on the thread that changes the value: they
/// must be quick, depend on the value alone, and not use the monitor.
///
/// Threads and tasks wait in one line. Bodies run with the lock held and should be short: in a task too, the thread
/// blocks while another body runs. The lock is not recursive.
///
/// Source: Tony Hoare, "Monitors: An Operating System Structuring Concept"; signalling by itself as proposed by Per
/// Brinch Hansen in "Structured Multiprogramming".
public final class Monitor<State>: @unchecked Sendable {
  // Sendable: `state` and `arrivals` are touched only with `lock` held.
  @usableFromInline var state: State
  @usableFromInline let lock = Lock()
  let room = WaitRoom(MonitorState<State>())
  /// At least as many as wait. Counted up with the lock held, so that whoever holds it misses nobody.
  private let waiting = Atomic<Int>(0)
  /// How many ever waited; counted with the lock held.
  private var arrivals: UInt64 = 0

  /// How many wait, or are about to leave.
  var waitingCount: Int { waiting.load(ordering: .relaxed) }

  /// Creates a monitor around a value.
  public init(_ state: sending State) { self.state = state }

  /// Runs `body` with the lock held, and wakes those for whom it made the value as they want it.
  ///
  /// Blocks the thread until the lock is free.
  ///
  /// - Parameters:
  ///   - fileID: Where debug builds report a wait for oneself or a lock order that may deadlock.
  ///   - line: The line in that file.
  ///   - body: Reads or changes the value.
  /// - Returns: What `body` returns.
  @inlinable
  public func withLock<Result: ~Copyable, Failure: Error>(
    fileID: StaticString = #fileID, line: UInt = #line,
    _ body: (inout sending State) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    lock.lock(fileID: fileID, line: line)
    defer { signalAndUnlock() }
    return try body(&state)
  }
}

// The steps of a wait.
extension Monitor {
  typealias Place = Waiter<MonitorState<State>.Request>

  /// A place in the line, unless the value is as wanted: then `body` has run. Who was woken and found nothing comes
  /// again, with its number.
  func attempt<Result, Failure: Error>(
    _ request: inout MonitorState<State>.Request, mayWait: Bool, _ fileID: StaticString, _ line: UInt,
    _ body: (inout sending State) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Attempt<Result> {
    lock.lock(fileID: fileID, line: line)
    if request.condition(state) {
      defer { signalAndUnlock() }
      return .done(try body(&state))
    }
    defer { lock.unlock() }
    guard mayWait else { return .notYet }
    waiting.add(1, ordering: .relaxed)
    let isBack = request.number != nil
    if !isBack {
      arrivals += 1
      request.number = arrivals
    }
    return .waits(room.join(request, first: isBack))
  }

  enum Attempt<Result> {
    case done(Result)
    case notYet
    case waits(Place)
  }

  /// To be called when a wait has ended, however it ended.
  func leave() { waiting.subtract(1, ordering: .relaxed) }

  /// Admits those who find the value as they want it, and gives the lock back.
  @usableFromInline
  func signalAndUnlock() {
    // What a condition holds on to is the user's, and may end with the last mention of its waiter: after the lock.
    let seen = waitingCount > 0 ? signal() : []
    lock.unlock()
    withExtendedLifetime(seen) {}
  }

  /// Returns all those it has looked at.
  private func signal() -> [Place] {
    // The conditions are the user's code, and may be slow: not under the room's lock, which timers take too.
    var exclusiveFound = false
    // Several who come back at once stand in the line in any order.
    let line = room.read { $1.waiters }.sorted { $0.request.number ?? 0 < $1.request.number ?? 0 }
    let ready = line.filter { waiter in
      if waiter.request.isExclusive, exclusiveFound { return false }
      guard waiter.request.condition(state) else { return false }
      if waiter.request.isExclusive { exclusiveFound = true }
      return true
    }
    guard !ready.isEmpty else { return line }
    room.change { _, waiters in
      for waiter in ready where waiter.end == nil { waiters.admit(waiter) }
    }
    return line
  }
}
