import DequeModule
import ParallelCore
import SystemPackage

/// Runs the worker's tasks on the lane's own thread, so that a task without a suspension costs no hop.
///
/// Jobs come from any thread; they run on the one thread that calls `runJobs`. An executor is never freed: the runtime
/// holds no reference while it enqueues. There is one for each worker, and for each in-process worker that ever was.
final class LaneExecutor: TaskExecutor {
  private struct State {
    var jobs: Deque<UnownedJob> = []
    /// The lane thread sleeps, or is about to, and wants the bell rung.
    var sleeps = false
    var isClosed = false
  }

  private let state = Guarded(State())
  /// Readable when the lane thread has to wake up.
  let bell: FileDescriptor

  init() throws(Errno) {
    bell = try SystemCalls.createEvent()
    _ = Unmanaged.passRetained(self)
  }

  /// After the last job: closes the bell.
  func close() {
    state.withLock { state in
      state.isClosed = true
      SystemCalls.close(bell)
    }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { state in
      state.jobs.append(job)
      // Under the lock, so that the bell is not closed meanwhile.
      if state.sleeps && !state.isClosed { SystemCalls.ring(bell) }
      state.sleeps = false
    }
  }

  /// On the lane thread: runs jobs until there are none.
  func runJobs() {
    while let job = state.withLock({ $0.jobs.popFirst() }) {
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }

  /// On the lane thread: it is awake, for whatever reason; jobs need not ring.
  func wokeUp() { state.withLock { $0.sleeps = false } }

  /// On the lane thread: true if it may go to sleep; from then on the next job rings.
  func prepareToSleep() -> Bool {
    state.withLock { state in
      state.sleeps = state.jobs.isEmpty
      return state.sleeps
    }
  }
}
