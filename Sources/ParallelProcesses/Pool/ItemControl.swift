import ParallelCore

/// What a pool keeps of an item with limits, retries, or an impatient caller; other items have none.
///
/// Touched under the pool's lock only.
final class ItemControl {
  let options: TaskOptions
  /// When the whole has to be over.
  let deadline: Deadline
  /// When it is told so.
  let warning: Deadline
  /// Runs that have failed.
  var failedAttempts = 0
  /// Workers that died of it.
  var deaths = 0
  /// It was running when a worker died, beside others or where it might: from now on it runs alone, so that it is known
  /// who did it, and it takes no others with it.
  var runsAlone = false
  /// What earlier attempts have taken of the run limit, in nanoseconds.
  var usedTime: UInt64 = 0
  /// The caller has gone.
  var isCancelled = false
  /// When a worker that still runs it although its caller has gone, or that says it is done but sends no answer, is
  /// killed.
  var patienceEnds = Deadline.never
  /// Why it was told that it is to end, in this attempt.
  var breach: Breach?

  enum Breach { case deadline, runLimit }

  /// It was told that it is to end.
  var isWarned: Bool { breach != nil }

  /// The end of the pause between two attempts.
  var resumesAt = Deadline.never
  /// Its number among the delayed.
  var delayNumber: UInt64 = 0
  /// For which time there is a timer.
  var nextCheck = Deadline.never

  /// `submission` counts only where there is a deadline.
  init(_ options: TaskOptions, submission: Deadline) {
    self.options = options
    guard let limit = options.deadline?.inNanoseconds else {
      deadline = .never
      warning = .never
      return
    }
    deadline = submission + limit
    // The grace of a short deadline must not warn a task before it has had a chance.
    warning = submission + (limit - min(limit / 2, options.grace.inNanoseconds))
  }

  var grace: UInt64 { options.grace.inNanoseconds }

  /// What is left of the run limit; nil where there is none.
  var remainingRunTime: UInt64? {
    guard let limit = options.runLimit?.inNanoseconds else { return nil }
    return limit - min(limit, usedTime)
  }
}

extension Deadline {
  /// So many nanoseconds later; never, where the clock does not reach that far.
  static func + (deadline: Deadline, nanoseconds: UInt64) -> Deadline {
    let (sum, overflow) = deadline.nanoseconds.addingReportingOverflow(nanoseconds)
    return overflow ? .never : Deadline(nanoseconds: sum)
  }
}
