public import ParallelCore

/// A ``Semaphore`` that never holds more permits than at its beginning, so that a release too many is found.
///
/// ```swift
/// let slots = BoundedSemaphore(permits: 2)
/// try slots.acquire()
/// defer { try? slots.release() }
/// ```
public final class BoundedSemaphore: PermitCounter, @unchecked Sendable {
  /// How many permits there are.
  public let permits: Int

  /// Creates a semaphore.
  ///
  /// - Parameter permits: How many permits there are; a negative number traps.
  public override init(permits: Int = 1) {
    self.permits = permits
    super.init(permits: permits)
  }

  /// Gives permits back and wakes as many of those who wait. Does not block.
  ///
  /// - Parameter count: How many; less than one traps.
  /// - Throws: ``ParallelError`` with the code `misuse` when fewer are taken; then none is given back.
  public func release(_ count: Int = 1) throws(ParallelError) {
    precondition(count > 0, "release(_:) gives back at least one permit, not \(count)")
    try room.change { state, waiters throws(ParallelError) in
      let taken = permits - state.free
      guard count <= taken else {
        throw ParallelError(
          .misuse, "\(count) permits were to be given back, but only \(taken) of \(permits) are taken")
      }
      state.give(count, to: &waiters)
    }
  }

  override func giveBack() throws { try release() }
}
