import ParallelCore
import Synchronization

@testable import ParallelThreads

extension Lock {
  /// Somebody sleeps until this lock is free, or did so when it was taken.
  var isLockedWithSleepers: Bool { word.load(ordering: .relaxed) == MutexWord.heldWithSleepers }
}
