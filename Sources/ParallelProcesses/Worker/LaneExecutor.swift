import DequeModule
import ParallelCore
import Synchronization

/// Runs the worker's tasks on the lane's own thread, so that a task without a suspension costs no hop.
///
/// Jobs come from any thread; they run on the one thread that calls `runJobs`. An executor is never freed: the runtime
/// holds no reference while it enqueues. There is one for each worker, and for each in-process worker that ever was.
final class LaneExecutor: TaskExecutor {
  private struct State {
    var jobs: Deque<UnownedJob> = []
    /// Wakes the lane thread, if it sleeps; nil once that is over.
    var bell: Bell?
  }

  private let state: Guarded<State>
  private let count = Atomic<Int>(0)

  /// `bell` is what the lane thread sleeps on, valid until `close`.
  init(bell: Bell) {
    state = Guarded(State(bell: bell))
    _ = Unmanaged.passRetained(self)
  }

  /// After the last job.
  func close() { state.withLock { $0.bell = nil } }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { state in
      state.jobs.append(job)
      count.store(state.jobs.count, ordering: .sequentiallyConsistent)
      // Under the lock, so that the bell's memory is not unmapped meanwhile. The lane thread does not sleep in a reactor.
      state.bell?.ring {}
    }
  }

  /// Whether there is something to run; to be asked again after the bell was prepared.
  var hasJobs: Bool { count.load(ordering: .sequentiallyConsistent) > 0 }

  /// On the lane thread: runs the jobs that are there. Those that they bring about have their turn after what else the
  /// thread has to do.
  func runJobs() {
    for _ in 0..<count.load(ordering: .sequentiallyConsistent) {
      takeJob()?.runSynchronously(on: asUnownedTaskExecutor())
    }
  }

  /// On the lane thread: sleeps until there is something to run.
  func waitForJobs() {
    guard let bell = state.withLock({ $0.bell }) else { return }
    bell.prepare(.onWord)
    while !hasJobs {
      bell.sleep()
      bell.prepare(.onWord)
    }
    bell.cancel()
  }

  private func takeJob() -> UnownedJob? {
    state.withLock { state in
      defer { count.store(state.jobs.count, ordering: .sequentiallyConsistent) }
      return state.jobs.popFirst()
    }
  }
}
