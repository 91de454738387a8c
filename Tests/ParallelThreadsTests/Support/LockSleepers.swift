import ParallelCore
import Synchronization
import TestSupport

@testable import ParallelThreads

extension Lock {
  /// Somebody sleeps until this lock is free, or did so when it was taken.
  var isLockedWithSleepers: Bool { word.load(ordering: .relaxed) == MutexWord.heldWithSleepers }

  /// Waits until a thread sleeps here, or is about to.
  func hasSleeper() async throws { try await eventually("a sleeper") { isLockedWithSleepers } }
}

extension RecursiveLock {
  /// Somebody sleeps until this lock is free, or did so when it was taken.
  var isLockedWithSleepers: Bool { word.load(ordering: .relaxed) == MutexWord.heldWithSleepers }
}
