public import ParallelCore

/// Runs tasks in other processes, where a crash costs one task and nothing else.
///
/// ```swift
/// struct Thumbnail: WorkerTask {
///   var image: FilePath
///   func run() throws -> [UInt8] { try decodeAndShrink(image) }   // may trap on a broken file
/// }
///
/// let pool = try ProcessPool(workers: 4)
/// for try await item in pool.results(of: images.map(Thumbnail.init)) {
///   switch item.result {
///   case .success(let bytes): store(bytes, for: item.input.image)
///   case .failure(let error): print("\(item.input.image): \(error)")
///   }
/// }
/// try await pool.shutdown()
/// ```
///
/// Each worker is a copy of this executable. A task whose worker dies, whatever the cause, fails with a
/// ``WorkerFailure`` that holds a ``CrashReport``; the worker is replaced, and all other tasks go on. This isolates
/// faults; it is no sandbox against code that means harm.
///
/// Workers die with this process, however it ends. Dropping the last reference to a pool is a `shutdown()` that nobody
/// waits for: tasks that were submitted are finished, then the workers end.
public final class ProcessPool: Sendable {
  /// Where a pool's tasks run.
  public enum Backend: Sendable, Hashable {
    /// In worker processes.
    case processes
    /// On threads of this process, by the same means but without isolation: for debuggers and unit tests.
    case inProcess
  }

  /// What `submit` and `run` do when `maxPending` tasks are unfinished.
  public enum WhenFull: Sendable, Hashable {
    /// The task fails at once with `ParallelError.Code.overloaded`.
    case reject
    /// `run`, `map` and the `submit` that may wait do so; the `submit` that never waits rejects.
    case wait
  }

  /// How many workers there are when all are well; see ``resize(to:)``.
  public var workerCount: Int { engine.targetWorkers }

  let engine: PoolEngine
  let whenFull: WhenFull

  /// Starts a pool; its workers get ready in the background.
  ///
  /// Blocks for about a millisecond per worker, while the kernel loads them.
  ///
  /// - Parameters:
  ///   - workers: How many processes; nil for what the environment variable `PARALLEL_WORKERS` says, else for as many
  ///     as this process may use processors: those that it may run on, but no more than the quotas of its control
  ///     groups allow, rounded up. A variable that is no number from 1 to 4096 is ignored, with a line on standard
  ///     error. Inside a worker it is the worker's share of that number, so that nested pools do not crowd the machine.
  ///   - setup: What every worker runs before its first task. If it fails, all tasks fail with `workerStart` and the
  ///     reason.
  ///   - environment: The environment variables that workers see.
  ///   - options: The folder, niceness, processors, resource limits and privileges of workers.
  ///   - policy: What deaths of workers mean, and when workers are replaced.
  ///   - maxPending: The most tasks that may be unfinished at one time; nil for no limit.
  ///   - whenFull: What happens to tasks beyond that.
  ///   - backend: Processes, or threads of this process.
  /// - Throws: `ParallelError`: `invalidArgument` for a count below one, an impossible variable or policy, or options that
  ///   can't be met, as far as that is known without trying; `workerStart` if the program lacks the bootstrap (see
  ///   ``WorkerBootstrap``) or processes can't be started (the error beneath says at which step, the one beneath that
  ///   holds the `Errno`); `unsupported` or `coding` for a setup that does not travel; `unsupported` for options, or
  ///   limits of memory, where workers are threads.
  public init(
    workers: Int? = nil, setup: (any WorkerSetup)? = nil, environment: WorkerEnvironment = .inherited,
    options: WorkerOptions = WorkerOptions(), policy: PoolPolicy = PoolPolicy(), maxPending: Int? = nil,
    whenFull: WhenFull = .wait, backend: Backend = .processes
  ) throws(ParallelError) {
    let workerCount = workers ?? WorkerCount.preferred
    self.whenFull = whenFull
    try Self.check(workers: workerCount, maxPending: maxPending, environment: environment)
    try Self.check(policy, backend)
    var encodedSetup: Hello.EncodedSetup?
    if let setup { encodedSetup = try Hello.EncodedSetup(setup) }
    let launcher = try Self.launcher(backend, workerCount, environment, options, encodedSetup)
    engine = PoolEngine(
      workers: workerCount, policy: policy, maxPending: maxPending, hasSetup: setup != nil, launcher: launcher
    )
    try engine.start()
  }

  deinit { engine.shutDown(.drain) }

  /// The process numbers of the workers at this moment, for monitoring; any of them may end at any time.
  public var workerProcessIDs: [Int32] { engine.workerProcessIDs }

  private static func check(
    workers: Int, maxPending: Int?, environment: WorkerEnvironment
  ) throws(ParallelError) {
    guard workers >= 1 else {
      throw ParallelError(.invalidArgument, "a pool needs at least one worker, not \(workers)")
    }
    if let maxPending, maxPending < 1 {
      throw ParallelError(.invalidArgument, "maxPending must be at least one, not \(maxPending)")
    }
    if let name = environment.invalidName {
      throw ParallelError(.invalidArgument, "no environment can hold the variable '\(name)' with this value")
    }
  }

  private static func check(_ policy: PoolPolicy, _ backend: Backend) throws(ParallelError) {
    if let flaw = policy.flaw { throw ParallelError(.invalidArgument, flaw) }
    if policy.looksAtMemory, backend == .inProcess {
      throw ParallelError(
        .unsupported,
        "threads of one process share its memory: limits of memory need a pool with the backend .processes")
    }
  }

  /// Changes how many workers there are.
  ///
  /// Returns at once. More are started in the background; of fewer, idle ones go first, and busy ones finish what they
  /// have begun.
  ///
  /// - Throws: `ParallelError`: `invalidArgument` for a count below one; `shutDown` after the end, or what made the pool
  ///   fail.
  public func resize(to count: Int) throws(ParallelError) {
    guard count >= 1 else {
      throw ParallelError(.invalidArgument, "a pool needs at least one worker, not \(count)")
    }
    try engine.resize(to: count)
  }

  private static func launcher(
    _ backend: Backend, _ workers: Int, _ environment: WorkerEnvironment, _ options: WorkerOptions,
    _ setup: Hello.EncodedSetup?
  ) throws(ParallelError) -> PoolEngine.Launcher {
    switch backend {
    case .processes:
      guard WorkerBootstrap.isInPlace else {
        throw ParallelError(
          .workerStart,
          "a copy of this program would not become a worker: build with the package trait AutomaticBootstrap, "
            + "or call WorkerBootstrap.runIfWorker() first thing in main")
      }
      guard !WorkerBootstrap.isPrivileged else {
        throw ParallelError(
          .unsupported,
          "this executable gains privileges when it starts (set-user-id or file capabilities), so its copies would not "
            + "trust their environment and can't become workers; start it from a privileged parent instead")
      }
      try options.check()
      let launcher = try ProcessLauncher(
        workers: workers, environment: environment, options: options, setup: setup)
      return { () throws(ParallelError) in try launcher.launch() }
    case .inProcess:
      guard options == WorkerOptions() else {
        throw ParallelError(
          .unsupported, "the workers of this backend are threads of this process: they can't have options")
      }
      let hello = try Hello(build: ImageIdentity.executable, setup: setup, backtraceVariable: nil).frame()
      return { () throws(ParallelError) in try ThreadWorker(hello: hello) }
    }
  }
}
