import ParallelCore
import Synchronization
import TestSupport

@testable import ParallelThreads

extension Lock {
  /// Whether a thread sleeps here, or is about to.
  var hasSleeperNow: Bool { word.load(ordering: .relaxed) == MutexWord.heldWithSleepers }

  /// Waits until it is so.
  func hasSleeper() async throws { try await eventually("a sleeper") { hasSleeperNow } }
}

extension RecursiveLock {
  /// Whether a thread sleeps here, or is about to.
  var hasSleeperNow: Bool { word.load(ordering: .relaxed) == MutexWord.heldWithSleepers }
}
