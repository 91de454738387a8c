internal import CParallel
import Synchronization

/// The package's own mutual exclusion: one word, a short spin, then sleep in the kernel.
///
/// `Synchronization.Mutex` is not used: on Linux it inherits priorities, which makes it slow under contention, and
/// the thread sanitizer does not understand it. Not recursive; not fair beyond the kernel's order of waking.
///
/// Source: Ulrich Drepper, "Futexes Are Tricky", the mutex of three states.
package final class ParkingLock: Sendable {
  private static let free: UInt32 = 0
  private static let held: UInt32 = 1
  private static let heldWithSleepers: UInt32 = 2
  private static let spins = 40

  private let word = Atomic<UInt32>(ParkingLock.free)

  package init() {}

  /// Waits for the lock and takes it.
  package func lock() {
    let (taken, _) = word.compareExchange(
      expected: Self.free, desired: Self.held, successOrdering: .acquiring, failureOrdering: .relaxed)
    if !taken { lockSlowly() }
  }

  /// Gives the lock back and wakes one sleeper, if there is one.
  package func unlock() {
    if word.exchange(Self.free, ordering: .releasing) == Self.heldWithSleepers {
      Futex.wake(word, count: 1)
    }
  }

  /// Runs `body` with the lock held.
  package func withLock<Result: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock()
    defer { unlock() }
    return try body()
  }

  @inline(never)
  private func lockSlowly() {
    for _ in 0..<Self.spins {
      if word.load(ordering: .relaxed) == Self.free {
        let (taken, _) = word.compareExchange(
          expected: Self.free, desired: Self.held, successOrdering: .acquiring, failureOrdering: .relaxed)
        if taken { return }
      }
      parallel_spin_hint()
    }
    // From here on the lock is taken in the "with sleepers" state: somebody else may still sleep.
    while word.exchange(Self.heldWithSleepers, ordering: .acquiring) != Self.free {
      _ = Futex.wait(word, while: Self.heldWithSleepers, until: .never)
    }
  }
}
