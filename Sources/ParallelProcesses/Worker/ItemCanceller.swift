import ParallelCore

/// Brings a cancellation to an item that runs, from any thread, and never to another.
///
/// The lane thread says which items run in which tasks; whoever hears of a cancellation cancels the task if the item still
/// runs. A task that was cancelled for one item runs no other.
final class ItemCanceller: Sendable {
  private struct Entry {
    var item: UInt64
    var task: Task<Void, Never>?
    var isCancelled = false
  }

  private struct State {
    /// Few, mostly one.
    var running: [Entry] = []
    /// In which those run that are not said to run in another.
    var task: Task<Void, Never>?
  }

  private let state = Guarded(State())

  /// Lane thread: `item` begins, in this task or in that given to `run(in:)`.
  func begin(_ item: UInt64, in task: Task<Void, Never>? = nil) {
    state.withLock { $0.running.append(Entry(item: item, task: task ?? $0.task)) }
  }

  /// Lane thread: the items that follow run in this task.
  func run(in task: Task<Void, Never>) { state.withLock { $0.task = task } }

  /// Lane thread: the item has ended; true if its task was cancelled, or is about to be.
  func end(_ item: UInt64) -> Bool {
    state.withLock { state in
      guard let index = state.running.firstIndex(where: { $0.item == item }) else { return false }
      return state.running.remove(at: index).isCancelled
    }
  }

  /// Any thread: cancels those of the running items for which this holds.
  func cancel(_ isUnwanted: (UInt64) -> Bool) {
    let tasks = state.withLock { state in
      var tasks: [Task<Void, Never>] = []
      for index in state.running.indices where isUnwanted(state.running[index].item) {
        state.running[index].isCancelled = true
        if let task = state.running[index].task { tasks.append(task) }
      }
      return tasks
    }
    // Cancelling runs handlers of the user's: not under the lock.
    for task in tasks { task.cancel() }
  }
}
