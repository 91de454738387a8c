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
  /// The tasks that it runs; one, unless some run beside others.
  private(set) var running: [Frame] = []
  /// The batch that it is in, and what is left of that.
  private var batch: (sequence: UInt64, rest: TaskBatchReader)?
  private(set) var isDead = false
  /// It can't make sense of its lane, and would end.
  private(set) var isConfused = false
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

  var runningItems: [Int] { running.map { SimulatedItem.number(in: $0.payload) } }

  // MARK: Steps

  private var canRead: Bool {
    !isDead && !isStuck && (running.isEmpty || simulatedLane.inbox.first?.kind == .runBeside)
  }

  /// Whether it would find something to do.
  var hasNext: Bool { batch != nil || !simulatedLane.inbox.isEmpty }

  /// Goes on with its batch, or looks at the next message, whatever it is; returns the task that it has begun.
  func readNext(at now: Deadline = Deadline(nanoseconds: 0)) -> Int? {
    guard canRead, hasNext else { return nil }
    if batch != nil { return beginNextTask(at: now) }
    let frame = simulatedLane.inbox.removeFirst()
    switch frame.kind {
    case .end: isDead = true
    case .run where simulatedLane.begin(frame.sequence, at: now),
      .runBeside where simulatedLane.begin(frame.sequence, at: now):
      running.append(frame)
      return SimulatedItem.number(in: frame.payload)
    case .runBatch where simulatedLane.begin(frame.sequence, at: now):
      batch = (frame.sequence, TaskBatchReader(frame.payload))
    default: break
    }
    return nil
  }

  private func beginNextTask(at now: Deadline) -> Int? {
    guard let sequence = batch?.sequence else { return nil }
    let hasNext = simulatedLane.beginNextTask(of: sequence, at: now)
    isConfused = hasNext == nil
    guard hasNext == true, let task = batch?.rest.next() else {
      isStuck = !simulatedLane.finish(sequence)
      batch = nil
      return nil
    }
    running = [Frame(kind: .run, sequence: sequence, payload: task)]
    return SimulatedItem.number(in: task)
  }

  /// Writes the result of one of the running items, or that it threw: because it was told to end, if it was. Returns the
  /// item, and whether it was told. `marksDone` is false for a worker that dies in between.
  func finish(
    _ choice: Int, after nanoseconds: UInt64, marksDone: Bool, throwing: Bool
  ) -> (item: Int, isTold: Bool)? {
    guard !isDead, !running.isEmpty else { return nil }
    let frame = running.remove(at: choice % running.count)
    let isTold = simulatedLane.cancelled.contains(frame.sequence)
    outgoing.append(
      Frame(
        kind: !throwing ? .result : isTold ? .gaveUp : .threw, sequence: frame.sequence, value: nanoseconds,
        payload: frame.payload))
    if batch != nil {
      // It finds out only at the end of the batch, which is next.
      isStuck = simulatedLane.state(of: frame.sequence) == .condemned
    } else if marksDone, !simulatedLane.finish(frame.sequence) {
      isStuck = true
    }
    return (SimulatedItem.number(in: frame.payload), isTold)
  }

  func die() { isDead = true }

  // MARK: RunningWorker

  func activate(_ report: @escaping @Sendable (WorkerNews) -> Void) {}
  func usage() -> ResourceUsage? { nil }
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
