import ParallelCore

@testable import ParallelProcesses

/// A lane without a socket: what was posted is kept, and fates are words in an array, one a slot as in the real page.
final class SimulatedLane: WorkerLane, @unchecked Sendable {
  // Sendable: each simulation runs on one thread.

  enum State { case pending, running, done, withdrawn, condemned }

  let capacity: Int
  /// False as for a worker on a thread.
  var canCondemn = true
  private(set) var startOfRun = Deadline(nanoseconds: 0)
  /// Posted and not yet flushed.
  private var posted: [Frame] = []
  /// On its way to the worker or with it, not yet looked at.
  var inbox: [Frame] = []
  private(set) var cancelled: Set<UInt64> = []
  private var words: [(sequence: UInt64, state: State)]

  init(capacity: Int = 256) {
    self.capacity = capacity
    words = Array(repeating: (0, .done), count: capacity)
  }

  func post(_ frame: Frame) { posted.append(frame) }

  func flush() {
    inbox.append(contentsOf: posted)
    posted = []
  }

  /// What was posted would never be sent if nobody flushed.
  var hasForgottenFrames: Bool { !posted.isEmpty }

  func announce(_ sequence: UInt64) { words[slot(sequence)] = (sequence, .pending) }

  func begin(_ sequence: UInt64, at time: Deadline) -> Bool {
    startOfRun = time
    return move(sequence, from: .pending, to: .running)
  }

  /// False if the item was condemned.
  func finish(_ sequence: UInt64) -> Bool { move(sequence, from: .running, to: .done) }

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
