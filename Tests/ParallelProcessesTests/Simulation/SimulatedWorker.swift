import ParallelCore
import ParallelFutures

@testable import ParallelProcesses

/// A worker that takes one step when it is told to, and dies where it is told to.
final class SimulatedWorker: RunningWorker, @unchecked Sendable {
  // Sendable: each simulation runs on one thread.

  let processID: Int32
  let simulatedLane: SimulatedLane
  var lane: any WorkerLane { simulatedLane }

  /// Written to the lane and not yet read by the pool.
  var outgoing: [Frame] = []
  private(set) var running: Frame?
  private(set) var isDead = false
  /// Condemned: it waits for its death.
  private(set) var isStuck = false
  private(set) var wasKilled = false
  private(set) var wasRetired = false
  /// It has said that it is ready.
  var isReady = false

  init(processID: Int32, capacity: Int) {
    self.processID = processID
    simulatedLane = SimulatedLane(capacity: capacity)
  }

  var runningItem: Int? { running.map { SimulatedItem.number(in: $0.payload) } }

  // MARK: Steps

  /// Looks at the next message, whatever it is; returns the item that it has begun with it.
  func readNext(at now: Deadline = Deadline(nanoseconds: 0)) -> Int? {
    guard !isDead, !isStuck, running == nil, !simulatedLane.inbox.isEmpty else { return nil }
    let frame = simulatedLane.inbox.removeFirst()
    switch frame.kind {
    case .end: isDead = true
    case .run where simulatedLane.begin(frame.sequence, at: now):
      running = frame
      return SimulatedItem.number(in: frame.payload)
    default: break
    }
    return nil
  }

  /// Whether the running item was told to end.
  var isTold: Bool { running.map { simulatedLane.cancelled.contains($0.sequence) } ?? false }

  /// Writes the result of the running item, or that it threw: because it was told to end, if it was. Returns the item.
  /// `marksDone` is false for a worker that dies in between.
  func finish(after nanoseconds: UInt64, marksDone: Bool = true, throwing: Bool = false) -> Int? {
    guard !isDead, let frame = running else { return nil }
    outgoing.append(
      Frame(
        kind: !throwing ? .result : isTold ? .gaveUp : .threw, sequence: frame.sequence, value: nanoseconds,
        payload: frame.payload))
    if marksDone, !simulatedLane.finish(frame.sequence) { isStuck = true }
    running = nil
    return SimulatedItem.number(in: frame.payload)
  }

  func die() { isDead = true }

  // MARK: RunningWorker

  func activate(_ report: @escaping @Sendable (WorkerNews) -> Void) {}
  func drain() {}
  func kill() {
    wasKilled = true
    isDead = true
  }
  func kill(after delay: Duration) { wasRetired = true }
  func crashReport() -> CrashReport {
    CrashReport(
      worker: processID, status: .unknown, message: nil, standardErrorTail: [], usage: nil,
      backtrace: .succeeded(nil))
  }
}
