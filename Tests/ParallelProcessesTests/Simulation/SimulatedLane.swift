import ParallelCore

@testable import ParallelProcesses

/// A lane without a socket: what was posted is kept, and fates are words in an array, one a slot as in the real page.
final class SimulatedLane: WorkerLane, @unchecked Sendable {
  // Sendable: each simulation runs on one thread.

  enum State { case pending, running, done, withdrawn, condemned }

  let capacity: Int
  /// False as for a worker on a thread.
  var canCondemn = true
  private var starts: [Deadline]
  /// Posted and not yet flushed.
  private var posted: [Frame] = []
  /// On its way to the worker or with it, not yet looked at.
  var inbox: [Frame] = []
  private(set) var cancelled: Set<UInt64> = []
  private var words: [(sequence: UInt64, state: State)]
  private var cursors: [(sequence: UInt64, begun: Int, end: Int)]

  init(capacity: Int = 256) {
    self.capacity = capacity
    words = Array(repeating: (0, .done), count: capacity)
    starts = Array(repeating: Deadline(nanoseconds: 0), count: capacity)
    cursors = Array(repeating: (0, 0, 0), count: capacity)
  }

  func post(_ frame: Frame) { posted.append(frame) }

  func flush() {
    inbox.append(contentsOf: posted)
    posted = []
  }

  /// What was posted would never be sent if nobody flushed.
  var hasForgottenFrames: Bool { !posted.isEmpty }

  func announce(_ sequence: UInt64) { words[slot(sequence)] = (sequence, .pending) }

  func announce(_ sequence: UInt64, tasks count: Int) {
    cursors[slot(sequence)] = (sequence, 0, count)
    announce(sequence)
  }

  /// False if there is none, or none any more; nil if another batch has its place.
  func beginNextTask(of sequence: UInt64, at time: Deadline) -> Bool? {
    let slot = slot(sequence)
    guard cursors[slot].sequence == sequence else { return nil }
    guard cursors[slot].begun < cursors[slot].end else { return false }
    starts[slot] = time
    cursors[slot].begun += 1
    return true
  }

  func begunTasks(of sequence: UInt64) -> Int {
    let cursor = cursors[slot(sequence)]
    return cursor.sequence == sequence ? cursor.begun : .max
  }

  func shorten(_ sequence: UInt64, to count: Int) -> Int {
    let slot = slot(sequence)
    guard cursors[slot].sequence == sequence else { return .max }
    cursors[slot].end = max(cursors[slot].begun, min(count, cursors[slot].end))
    return cursors[slot].end
  }

  func look() {}

  func begin(_ sequence: UInt64, at time: Deadline) -> Bool {
    starts[slot(sequence)] = time
    return move(sequence, from: .pending, to: .running)
  }

  func startOfRun(of sequence: UInt64) -> Deadline { starts[slot(sequence)] }

  /// False if the item was condemned. A batch of which everything was taken back may have lost its place to another.
  func finish(_ sequence: UInt64) -> Bool {
    move(sequence, from: .running, to: .done) || state(of: sequence) != .condemned
  }

  func condemn(_ sequence: UInt64) -> Bool { canCondemn && move(sequence, from: .running, to: .condemned) }

  func withdraw(_ sequence: UInt64) -> Bool { move(sequence, from: .pending, to: .withdrawn) }

  func hasBegun(_ sequence: UInt64) -> Bool { state(of: sequence) != .pending }

  func hasFinished(_ sequence: UInt64) -> Bool { state(of: sequence) == .done }

  func cancel(_ sequence: UInt64) { cancelled.insert(sequence) }

  func state(of sequence: UInt64) -> State? {
    let word = words[slot(sequence)]
    return word.sequence == sequence ? word.state : nil
  }

  private func move(_ sequence: UInt64, from: State, to: State) -> Bool {
    guard state(of: sequence) == from else { return false }
    words[slot(sequence)].state = to
    return true
  }

  private func slot(_ sequence: UInt64) -> Int { Int(sequence % UInt64(capacity)) }
}
