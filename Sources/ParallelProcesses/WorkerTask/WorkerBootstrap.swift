internal import CParallel

/// The door through which a copy of this executable becomes a worker.
///
/// With the package trait `AutomaticBootstrap`, which is on by default, there is nothing to do: the door opens before
/// `main`. Without it (a fully static executable has to do without), call ``runIfWorker()`` first thing in main:
///
/// ```swift
/// @main struct Program {
///   static func main() async throws {
///     WorkerBootstrap.runIfWorker()
///     // the program
///   }
/// }
/// ```
public enum WorkerBootstrap {
  /// Runs the worker and never returns, if that is what this process was started for; else returns at once.
  ///
  /// Call it before anything else in main, on the main thread. Calling it in addition to the automatic bootstrap does
  /// no harm.
  public static func runIfWorker() {
    parallel_bootstrap_run_if_worker()
  }

  /// Whether copies of this executable would not trust what this process tells them.
  static var isPrivileged: Bool { parallel_bootstrap_is_privileged() }

  /// Whether copies of this process find the door: true after the automatic bootstrap or a call of ``runIfWorker()``.
  public static var isInPlace: Bool { parallel_bootstrap_is_in_place() }
}
