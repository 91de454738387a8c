/// The tasks of one iteration, made by the caller's own sequence one at a time.
///
/// Made by inlinable code, in whose module the sequence's type is known. Generic code of this module is not specialized
/// for callers in others, and would take ten times as long over an iterator as the iterator itself.
@usableFromInline
struct TaskSource<Input> {
  let next: () -> Input?
  /// How many there are, where that is known without running the caller's code for each.
  let count: Int?

  @usableFromInline
  init(count: Int?, next: @escaping () -> Input?) {
    self.next = next
    self.count = count
  }

  @inlinable
  init<Tasks: Sequence>(_ tasks: Tasks) where Tasks.Element == Input {
    var iterator = tasks.makeIterator()
    self.init(count: (tasks as? any RandomAccessCollection)?.count, next: { iterator.next() })
  }
}
