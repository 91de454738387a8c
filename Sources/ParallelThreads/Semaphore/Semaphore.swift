import ParallelCore

/// A number of permits: whoever acquires one goes on, whoever finds none waits until one is released.
///
/// ```swift
/// let connections = Semaphore(permits: 4)
/// try await connections.withPermit { try await download(url) }     // at most four at a time
/// ```
///
/// Threads and tasks wait in one line, and permits are handed over in its order. Anybody may release, also more than was
/// acquired: a semaphore can count things that were made. Where that would be a mistake, use ``BoundedSemaphore``.
///
/// The corresponding C functions are `sem_wait` and `sem_post`.
public final class Semaphore: PermitCounter, @unchecked Sendable {
  /// Creates a semaphore.
  ///
  /// - Parameter permits: How many permits there are at the beginning; a negative number traps.
  public override init(permits: Int = 1) { super.init(permits: permits) }

  /// Adds permits and wakes as many of those who wait. Does not block.
  ///
  /// - Parameter count: How many; less than one traps, and so do more free permits than an `Int` can hold.
  public func release(_ count: Int = 1) {
    precondition(count > 0, "release(_:) adds at least one permit, not \(count)")
    room.change { state, waiters in state.give(count, to: &waiters) }
  }

  override func giveBack() { release() }
}
