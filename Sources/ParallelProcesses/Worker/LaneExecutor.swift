import DequeModule
import ParallelCore

/// Runs the worker's tasks on the lane's own thread, so that a task without a suspension costs no hop.
///
/// Jobs come from any thread; they run on the one thread that calls `runJobs`.
final class LaneExecutor: TaskExecutor {
  private struct State {
    var jobs: Deque<UnownedJob> = []
    /// The lane thread sleeps, or is about to, and wants the bell rung.
    var sleeps = false
  }

  private static let jobsInARow = 64

  private let state = Guarded(State())
  private let ring: @Sendable () -> Void

  /// `ring` wakes the lane thread out of its sleep.
  init(ring: @escaping @Sendable () -> Void) { self.ring = ring }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let mustRing = state.withLock { state in
      state.jobs.append(job)
      defer { state.sleeps = false }
      return state.sleeps
    }
    if mustRing { ring() }
  }

  /// On the lane thread: runs jobs until there are none, or for a while: a task that yields again and again must not
  /// keep the lane from being read, or it would never hear that it is cancelled.
  func runJobs() {
    for _ in 0..<Self.jobsInARow {
      guard let job = state.withLock({ $0.jobs.popFirst() }) else { return }
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }

  /// On the lane thread: true if it may go to sleep; from then on the next job rings.
  func prepareToSleep() -> Bool {
    state.withLock { state in
      state.sleeps = state.jobs.isEmpty
      return state.sleeps
    }
  }
}
