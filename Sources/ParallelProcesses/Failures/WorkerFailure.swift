/// Why a task that ran in a worker has no result.
///
/// ```swift
/// do {
///   let page = try await pool.run(Render(page: 7))
/// } catch let failure as WorkerFailure {
///   switch failure.reason {
///   case .crashed(let report): log("page 7 crashed: \(report)")
///   case .threw(let error): log("page 7: \(error.description)")
///   default: log("page 7: \(failure)")
///   }
/// }
/// ```
public struct WorkerFailure: Error, Sendable {
  /// What happened. Later versions may add cases: give a `switch` a default.
  public enum Reason: Sendable {
    /// The worker died while it ran the task: a trap, a signal, a call of `exit`.
    case crashed(CrashReport)
    /// The task threw an error whose type does not travel.
    case threw(RemoteError)
    /// The worker could not make the task's value from its message.
    case undecodableInput(RemoteError)
    /// The worker could not make a message from the task's result.
    case unencodableOutput(RemoteError)
    /// The result arrived, but the value could not be made from it.
    case undecodableOutput(RemoteError)
    /// The task's deadline, so long after its submission, has passed; `hasBegun` tells whether it had begun to run by then.
    case deadlineExceeded(Duration, hasBegun: Bool)
    /// The task has run for longer than this, its limit, and has not ended in the time of grace either.
    case runLimitExceeded(Duration)
    /// The worker held more bytes of memory than a worker of the pool may.
    case memoryLimitExceeded(resident: Int, limit: Int)
    /// The task has killed so many workers that it is not run again. `last` is the report on the last of them, where
    /// that was a crash.
    case poison(deaths: Int, last: CrashReport?)
  }

  /// What happened.
  public var reason: Reason
  /// The name of the task's type.
  public var task: String
  /// What the task's options call it.
  public var label: String?
  /// How many times the task was begun and failed, the last time included, where retries were allowed; else 1.
  public var attempts: Int

  init(_ reason: Reason, task: String, label: String? = nil, attempts: Int = 1) {
    self.reason = reason
    self.task = task
    self.label = label
    self.attempts = attempts
  }
}

extension WorkerFailure {
  /// The report, if the task's worker crashed.
  public var crashReport: CrashReport? { reason.report }
}

extension WorkerFailure: CustomStringConvertible {
  /// One line: the task and what happened to it.
  public var description: String {
    attempts > 1 ? "\(event) (\(attempts) attempts)" : event
  }

  private var event: String {
    let task = label.map { "\(self.task) '\($0)'" } ?? self.task
    return switch reason {
    case .crashed(let report) where report.runningTasks > 1:
      "\(task) was one of \(report.runningTasks) tasks in a worker that crashed: \(report)"
    case .crashed(let report) where report.isOverAnotherTask:
      "\(task) lost its worker, which was ended because of another task: \(report)"
    case .crashed(let report): "\(task) crashed its worker: \(report)"
    case .threw(let error): "\(task) threw \(error)"
    case .undecodableInput(let error): "the worker could not decode \(task): \(error)"
    case .unencodableOutput(let error): "the worker could not encode the result of \(task): \(error)"
    case .undecodableOutput(let error): "the result of \(task) could not be decoded: \(error)"
    case .deadlineExceeded(let limit, true): "\(task) was not finished at its deadline of \(limit)"
    case .deadlineExceeded(let limit, false): "\(task) was not begun before its deadline of \(limit)"
    case .runLimitExceeded(let limit): "\(task) has run for longer than its limit of \(limit)"
    case .memoryLimitExceeded(let resident, let limit):
      "the worker of \(task) was ended with \(resident) bytes of memory, of which it may hold \(limit)"
    case .poison(let deaths, let last):
      "\(task) has killed \(deaths) workers and is not run again\(last.map { "; the last: \($0)" } ?? "")"
    }
  }
}
