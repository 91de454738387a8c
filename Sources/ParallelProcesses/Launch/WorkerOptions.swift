public import ParallelCore
public import SystemPackage

/// What the system is to grant a pool's worker processes, and where they start.
///
/// ```swift
/// let options = WorkerOptions(
///   workingDirectory: "/var/empty", niceness: 10,
///   resourceLimits: [.addressSpace: .at(2 << 30), .coreSize: .at(0)], allowsNewPrivileges: false)
/// let pool = try ProcessPool(options: options)
/// ```
///
/// Everything holds before the first instruction of a worker, and for the programs that its tasks start. What is not
/// said is as in this process. The backend ``ProcessPool/Backend/inProcess`` refuses all options: there the workers
/// are threads of this process.
///
/// This keeps faults within bounds; it is no sandbox against code that means harm.
public struct WorkerOptions: Sendable, Hashable {
  /// The folder that workers start in; a relative path starts at this process's folder at the time when the pool is
  /// made.
  public var workingDirectory: FilePath?

  /// How willingly workers leave the processor to others, from -20 to 19; less than this process's own needs a
  /// privilege.
  ///
  /// The corresponding C function is `setpriority`.
  public var niceness: Int?

  /// The processors on which workers run.
  public var processors: Processors

  /// Limits of resources, for each worker by itself.
  ///
  /// A task that goes beyond one fails, or its worker dies, as the resource has it. Leave a worker about 32 open files.
  public var resourceLimits: [LimitedResource: ResourceLimit]

  /// Whether programs that tasks start may gain privileges by their files, as `sudo` and `ping` do.
  ///
  /// The corresponding C constant is `PR_SET_NO_NEW_PRIVS` of `prctl`.
  public var allowsNewPrivileges: Bool

  /// Creates options; by default everything is as in this process.
  public init(
    workingDirectory: FilePath? = nil, niceness: Int? = nil, processors: Processors = .inherited,
    resourceLimits: [LimitedResource: ResourceLimit] = [:], allowsNewPrivileges: Bool = true
  ) {
    self.workingDirectory = workingDirectory
    self.niceness = niceness
    self.processors = processors
    self.resourceLimits = resourceLimits
    self.allowsNewPrivileges = allowsNewPrivileges
  }
}

extension WorkerOptions {
  /// On which processors workers run.
  ///
  /// The corresponding C function is `sched_setaffinity`.
  public enum Processors: Sendable, Hashable {
    /// On those on which the thread runs that starts the worker.
    case inherited
    /// On these only, by the system's numbers, from 0. Those that are not there, or not for this process, do not
    /// count; if none is left no worker starts.
    case only(Set<Int>)
    /// Each worker on one processor: that of those which this process may use on which the fewest of the pool's workers
    /// run. For computations that gain from a warm cache, on a machine with nothing else to do.
    case oneEach
  }
}
