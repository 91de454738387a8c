import ParallelCore

/// A worker that was started, whichever way: the pool's handle on it.
protocol RunningWorker: AnyObject, Sendable {
  var lane: any WorkerLane { get }
  /// Its process number.
  var processID: Int32 { get }

  /// What it has used by now; nil where it is a thread, is gone, or where the system does not say.
  func usage() -> ResourceUsage?

  /// Starts to report news, on the reactor. What prevents that ends the worker, and is reported as its end.
  func activate(_ report: @escaping @Sendable (WorkerNews) -> Void)

  /// On the reactor: reports what it has sent by now.
  func drain()

  /// Ends it now, with all that it has started. Its end is reported when it has come.
  func kill()

  /// Ends it in that way when the time has passed and it is still there.
  func kill(after delay: Duration)

  /// The report on its crash, as far as it is known by now. On the reactor, after `.dying` or with `.ended`.
  func crashReport() -> CrashReport
}

/// What a worker reports, on the reactor. Nothing follows `ended`.
enum WorkerNews {
  case frames([Frame])
  /// What it sends makes no sense.
  case malformed(MalformedFrame)
  /// It has crashed and is on its way out; its end follows.
  case dying
  /// It is gone, and nothing of it is left.
  case ended
}
