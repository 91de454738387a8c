package import SystemPackage

/// Everything about a new process, settled before it exists; one plan for workers and commands.
///
/// The child gets exactly the descriptors named here, and all signals at their defaults. What is nil is inherited: from
/// the thread that spawns where the system keeps it for each thread (niceness, processors), else from this process.
/// The mechanism and its order are described in `CParallel/spawn.c`.
package struct SpawnPlan: Sendable {
  /// The program's file.
  package var path: FilePath
  /// The arguments, the program's name first.
  package var arguments: [[UInt8]]
  /// The environment, as `name=value`.
  package var environment: [[UInt8]]
  /// The folder it starts in.
  package var workingDirectory: FilePath?
  /// Which descriptor of this process appears at which number in the child; all others are closed there.
  package var descriptors: [Int32: FileDescriptor] = [:]
  /// Whether the child leads a process group of its own.
  package var leadsProcessGroup = false
  /// The signals that are blocked when the program begins; none otherwise.
  package var blockedSignals: [Int32] = []
  /// How willingly it leaves the processor to others, from -20 to 19. Source: `setpriority(2)`.
  package var niceness: Int?
  /// The processors it may run on. The system leaves out those that are not there, or not for this process.
  /// Source: `sched_setaffinity(2)`.
  package var processors: Set<Int>?
  /// The limits that differ from this process's. They hold for the start of the program, too. Source: `prlimit(2)`.
  package var resourceLimits: [LimitedResource: ResourceLimit] = [:]
  /// The permissions that new files do not get. Source: `umask(2)`.
  package var fileModeMask: FilePermissions?
  /// Whether programs may gain privileges by their files, as those of set-user-id do, from here on.
  /// Source: `PR_SET_NO_NEW_PRIVS` of `prctl(2)`.
  package var allowsNewPrivileges = true

  package init(path: FilePath, arguments: [[UInt8]], environment: [[UInt8]]) {
    self.path = path
    self.arguments = arguments
    self.environment = environment
  }
}
