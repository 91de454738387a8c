internal import CParallel
import ParallelCore
import Synchronization

/// One word for each item in a worker's hands, in memory that outlives the worker.
///
/// The word holds the item's sequence number and its state. Who moves it:
///
/// | from | to | by |
/// |---|---|---|
/// | anything | pending | parent, before it sends the item |
/// | pending | running | worker, before it touches the item |
/// | pending | withdrawn | parent, to give the item to another worker or to drop it |
/// | running | done | worker, after the last byte of the result was handed to the kernel |
/// | running | condemned | parent, before it kills the worker over this item |
///
/// All moves but the first are compare-and-swap, so of two that compete exactly one happens: an item never runs twice,
/// never gets lost, and is either done or condemned. A parent that loses to "done" does not kill: the answer is on its
/// way. A worker that loses to "condemned" touches nothing any more and waits for its death, so the kill never hits the
/// item after the condemned one. After a death: pending items were not begun, a running one takes the blame, the result
/// of a done one is in the socket. The parent takes the memory's contents for a claim, not for the truth: a worker may
/// scribble on it.
struct ItemFates: Sendable {
  enum State: UInt64 {
    case pending = 0
    case running = 1
    case done = 2
    case withdrawn = 3
    case condemned = 4
  }

  /// The most items that may be in a worker's hands.
  static let capacity = ItemWords.capacity

  private static let stateBits: UInt64 = 3

  private let words: ItemWords
  private let starts: ItemWords

  init(_ status: UnsafeMutablePointer<parallel_worker_status>) {
    words = ItemWords(\.fates, of: status)
    starts = ItemWords(\.begun_at, of: status)
  }

  /// Parent: the item is about to be sent.
  func announce(_ sequence: UInt64) {
    words[sequence].pointee.store(word(sequence, .pending), ordering: .sequentiallyConsistent)
  }

  /// Worker: false if the parent has taken the item back. `time` is the present moment.
  func begin(_ sequence: UInt64, at time: Deadline) -> Bool {
    noteStart(of: sequence, time)
    return move(sequence, from: .pending, to: .running)
  }

  /// Worker: it is about to begin the item, or another task of the batch, at this moment.
  func noteStart(of sequence: UInt64, _ time: Deadline) {
    starts[sequence].pointee.store(time.nanoseconds, ordering: .relaxed)
  }

  /// Worker: the result is out. False if the parent has condemned the item: it is about to kill this process, which must
  /// touch nothing any more.
  func finish(_ sequence: UInt64) -> Bool {
    // Only then: a word that makes no sense, because the task has scribbled on it, is no reason to wait for ever.
    move(sequence, from: .running, to: .done) || state(of: sequence) != .condemned
  }

  /// Parent: true if the item runs and its result will not count, so that its worker may be killed.
  func condemn(_ sequence: UInt64) -> Bool { move(sequence, from: .running, to: .condemned) }

  /// Parent: when the item was begun, as the worker says. To be asked after `state(of:)` has said that it runs.
  func startOfRun(of sequence: UInt64) -> Deadline {
    Deadline(nanoseconds: starts[sequence].pointee.load(ordering: .relaxed))
  }

  /// Parent: true if the item was not begun and will not be.
  func withdraw(_ sequence: UInt64) -> Bool { move(sequence, from: .pending, to: .withdrawn) }

  /// Parent: where the item stands; nil if the word speaks of another item, which only a corrupted worker brings about.
  func state(of sequence: UInt64) -> State? {
    let value = words[sequence].pointee.load(ordering: .sequentiallyConsistent)
    return value >> Self.stateBits == sequence ? State(rawValue: value & (1 << Self.stateBits - 1)) : nil
  }

  private func move(_ sequence: UInt64, from: State, to: State) -> Bool {
    words[sequence].pointee.compareExchange(
      expected: word(sequence, from), desired: word(sequence, to), ordering: .sequentiallyConsistent
    ).exchanged
  }

  private func word(_ sequence: UInt64, _ state: State) -> UInt64 {
    sequence << Self.stateBits | state.rawValue
  }
}
