import ParallelCore

/// Brings a cancellation to the item that runs, from any thread, and never to another.
///
/// The lane thread says which item runs in which task; whoever hears of a cancellation cancels that task if the item
/// still runs. A task that was cancelled for one item runs no other.
final class ItemCanceller: Sendable {
  private struct State {
    var item: UInt64?
    var task: Task<Void, Never>?
    var isCancelled = false
  }

  private let state = Guarded(State())

  /// Lane thread: `item` begins, in the task given to `run(in:)`.
  func begin(_ item: UInt64) {
    state.withLock { state in
      state.item = item
      state.isCancelled = false
    }
  }

  /// Lane thread: the items that follow run in this task.
  func run(in task: Task<Void, Never>) { state.withLock { $0.task = task } }

  /// Lane thread: the item has ended; true if its task was cancelled, or is about to be.
  func end() -> Bool {
    state.withLock { state in
      state.item = nil
      return state.isCancelled
    }
  }

  /// Any thread.
  func cancel(_ item: UInt64) {
    let task = state.withLock { state -> Task<Void, Never>? in
      guard state.item == item else { return nil }
      state.isCancelled = true
      return state.task
    }
    // Cancelling runs handlers of the user's: not under the lock.
    task?.cancel()
  }
}
