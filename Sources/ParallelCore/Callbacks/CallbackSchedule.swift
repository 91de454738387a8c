import DequeModule

/// Which thread calls which callback: values only; the caller holds the lock, and does what is returned after letting
/// go of it.
package struct CallbackSchedule<Sleeper: AnyObject> {
  package typealias Job = @Sendable () -> Void

  /// What has to be done so that a job gets its thread.
  package enum Action {
    case wake(Sleeper)
    case startThread
    /// As many threads as there may be are busy; the first to finish takes the job.
    case nothing
  }

  package let limit: Int
  private var jobs = Deque<Job>()
  /// The thread that fell asleep last is woken first, so that the others can end.
  private var sleepers: [Sleeper] = []
  package private(set) var threads = 0

  package init(limit: Int) { self.limit = limit }

  package mutating func submit(_ job: @escaping Job) -> Action {
    jobs.append(job)
    if let sleeper = sleepers.popLast() { return .wake(sleeper) }
    guard threads < limit else { return .nothing }
    threads += 1
    return .startThread
  }

  /// The system refused the thread; its job waits for another thread, or for the next job's attempt.
  package mutating func threadFailedToStart() { threads -= 1 }

  /// The next job for a thread; after nil it is taken to be asleep.
  package mutating func next(for sleeper: Sleeper) -> Job? {
    if let job = jobs.popFirst() { return job }
    // It may be among the sleepers still, if it was woken by a wake-up meant for an earlier sleep.
    if !sleepers.contains(where: { $0 === sleeper }) { sleepers.append(sleeper) }
    return nil
  }

  /// A thread has slept long enough; returns whether it ends. It does not if it has just been chosen for a job.
  package mutating func expire(_ sleeper: Sleeper) -> Bool {
    guard let index = sleepers.firstIndex(where: { $0 === sleeper }) else { return false }
    sleepers.remove(at: index)
    threads -= 1
    return true
  }
}
