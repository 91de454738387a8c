internal import CParallel
import ParallelCore
import Synchronization

/// How far a worker has come in the batches in its hands: one word for each, beside the item's fate.
///
/// The word holds how many of the batch's tasks were begun, and how many may be. Who moves it:
///
/// | from | to | by |
/// |---|---|---|
/// | anything | 0 of n | parent, before it sends the batch |
/// | b of e, b < e | b + 1 of e | worker, before it touches the task |
/// | b of e | b of less, at least b | parent, to give the rest to another worker or to drop it |
///
/// All moves but the first are compare-and-swap, so a task is either begun here or taken back. The fate of the item is that
/// of the batch: running from before the first task until after the last result was handed over. A parent that wants to
/// condemn takes back the rest first: the task begun last is then the one that runs, if one does, and nothing follows it.
struct BatchCursors: Sendable {
  /// The most tasks of one batch.
  static let mostTasks = 0xFFFF

  private let words: ItemWords

  init(_ status: UnsafeMutablePointer<parallel_worker_status>) { words = ItemWords(\.cursors, of: status) }

  /// One word, taken apart.
  private struct Cursor {
    /// The item's number, as far as there is room for it.
    var item: UInt32
    var begun: Int
    var end: Int

    init(_ sequence: UInt64, begun: Int, end: Int) {
      item = UInt32(truncatingIfNeeded: sequence)
      self.begun = begun
      self.end = end
    }

    init(word: UInt64) {
      item = UInt32(truncatingIfNeeded: word >> 32)
      begun = Int(word >> 16 & 0xFFFF)
      end = Int(word & 0xFFFF)
    }

    var word: UInt64 { UInt64(item) << 32 | UInt64(begun) << 16 | UInt64(end) }

    func isOf(_ sequence: UInt64) -> Bool { item == UInt32(truncatingIfNeeded: sequence) }
  }

  /// Parent: the batch is about to be sent.
  func announce(_ sequence: UInt64, tasks count: Int) {
    words[sequence].pointee.store(
      Cursor(sequence, begun: 0, end: count).word, ordering: .sequentiallyConsistent)
  }

  /// What a worker finds that wants to begin the next task.
  enum Step {
    case begun
    /// There is none, or none any more.
    case end
    /// The word makes no sense: a task has scribbled on it.
    case nonsense
  }

  /// Worker: takes the next task, after the first `count`.
  func beginNext(of sequence: UInt64, after count: Int) -> Step {
    var step = Step.nonsense
    move(sequence) { cursor in
      guard cursor.begun == count, cursor.begun <= cursor.end else { return step = .nonsense }
      step = cursor.begun < cursor.end ? .begun : .end
      if step == .begun { cursor.begun += 1 }
    }
    return step
  }

  /// Parent: how many tasks were begun, as the worker says; all, if the word makes no sense.
  func begun(of sequence: UInt64) -> Int {
    let cursor = Cursor(word: words[sequence].pointee.load(ordering: .sequentiallyConsistent))
    return cursor.isOf(sequence) ? cursor.begun : .max
  }

  /// Parent: takes back all but the first `count` tasks, as far as they were not begun. Returns how many stay; all, if
  /// the word makes no sense.
  func shorten(_ sequence: UInt64, to count: Int) -> Int {
    var stay = Int.max
    move(sequence) { cursor in
      stay = max(cursor.begun, min(count, cursor.end))
      cursor.end = min(stay, cursor.end)
    }
    return stay
  }

  private func move(_ sequence: UInt64, _ change: (inout Cursor) -> Void) {
    let word = words[sequence]
    var old = word.pointee.load(ordering: .sequentiallyConsistent)
    while true {
      var cursor = Cursor(word: old)
      guard cursor.isOf(sequence) else { return }
      change(&cursor)
      guard cursor.word != old else { return }
      let (exchanged, present) = word.pointee.compareExchange(
        expected: old, desired: cursor.word, ordering: .sequentiallyConsistent)
      if exchanged { return }
      old = present
    }
  }
}
