public import ParallelCore
public import ParallelFutures

/// The end of a worker that died while it ran a task.
///
/// ```swift
/// catch let failure as WorkerFailure where failure.crashReport != nil {
///   let report = failure.crashReport!
///   print(report)                                               // signal 4 (SIGILL): Fatal error: no such page
///   print(try await report.backtrace.get(timeout: .seconds(5)) ?? "no backtrace")
/// }
/// ```
public struct CrashReport: Sendable {
  /// The worker's process number.
  public var worker: Int32
  /// The signal that ended the worker, or the code with which it called `exit`.
  public var status: ProcessExitStatus
  /// How many tasks the worker was running, of which one must have done it; 0 where nothing ran, or where it was ended
  /// because of another task. More than 1 only in pools with ``PoolPolicy/tasksPerWorker`` above 1.
  public var runningTasks = 0
  /// The pool has ended the worker because of another task.
  var isOverAnotherTask = false
  /// What the Swift runtime printed, for instance `Fatal error: Index out of range`. A trap of a release build prints
  /// nothing; `fatalError` always does.
  public var message: String?
  /// The last lines that the worker wrote to its standard error, at most 20.
  public var standardErrorTail: [String]
  /// CPU time and peak memory of the worker, over its life; nil when somebody else in the program took them.
  public var usage: ResourceUsage?
  /// The symbolicated backtrace, where the toolchain's backtracer is installed; else nil.
  ///
  /// The failure is delivered at once and the backtrace follows; after at most thirty seconds it is given up.
  public var backtrace: Future<String?>
}

extension CrashReport: CustomStringConvertible {
  /// One line: how it ended, and the runtime's message.
  public var description: String {
    let end =
      switch status {
      case .exited(let code): "it exited with code \(code)"
      case .signaled(let signal, _): "signal \(signal) (\(signalName(signal)))"
      case .unknown: "it ended, how is not known"
      }
    guard let message else { return end }
    return "\(end): \(message)"
  }
}
