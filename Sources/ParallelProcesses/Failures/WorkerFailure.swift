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
  }

  /// What happened.
  public var reason: Reason
  /// The name of the task's type.
  public var task: String

  init(_ reason: Reason, task: String) {
    self.reason = reason
    self.task = task
  }
}

extension WorkerFailure {
  /// The report, if the task's worker crashed.
  public var crashReport: CrashReport? {
    if case .crashed(let report) = reason { report } else { nil }
  }
}

extension WorkerFailure: CustomStringConvertible {
  /// One line: the task and what happened to it.
  public var description: String {
    switch reason {
    case .crashed(let report): "\(task) crashed its worker: \(report)"
    case .threw(let error): "\(task) threw \(error)"
    case .undecodableInput(let error): "the worker could not decode \(task): \(error)"
    case .unencodableOutput(let error): "the worker could not encode the result of \(task): \(error)"
    case .undecodableOutput(let error): "the result of \(task) could not be decoded: \(error)"
    }
  }
}
