/// How many tasks a worker of a ``ProcessPool`` is given in one message.
///
/// Several at a time cost fewer messages, and the worker need not wait for the next; but they stay behind each other if
/// one is slow, until an idle worker takes over those that were not begun.
///
/// ```swift
/// try pool.map(hugeTasks, batch: .size(1))
/// ```
public enum BatchSize: Sendable, Hashable {
  /// As many as the worker is likely to finish within about a millisecond, judged by those before.
  case automatic
  /// This many, however long they take; at least 1. As long as a worker's tasks have been taking less than a millisecond,
  /// further messages lie ready there.
  case size(Int)

  /// Nil for the automatic size. Traps on a size below 1.
  var limit: Int? {
    guard case .size(let size) = self else { return nil }
    precondition(size >= 1, "a batch must have room for at least one task, not \(size)")
    return size
  }
}
