internal import CParallel
package import SystemPackage

/// Why a process could not be started, and at which step.
package struct SpawnError: Error, Sendable {
  /// The steps, in the order in which the child takes them.
  package enum Step: Sendable {
    case clone, processGroup, workingDirectory, descriptors, exec

    init(_ step: Int32) {
      switch UInt32(step) {
      case PARALLEL_SPAWN_PROCESS_GROUP.rawValue: self = .processGroup
      case PARALLEL_SPAWN_WORKING_DIRECTORY.rawValue: self = .workingDirectory
      case PARALLEL_SPAWN_DESCRIPTORS.rawValue: self = .descriptors
      case PARALLEL_SPAWN_EXEC.rawValue: self = .exec
      default: self = .clone
      }
    }
  }

  package var step: Step
  package var errno: Errno
  package var path: FilePath
  package var workingDirectory: FilePath?

  init(step: Step, errno: Errno, plan: SpawnPlan) {
    self.step = step
    self.errno = errno
    path = plan.path
    workingDirectory = plan.workingDirectory
  }

  /// The same as the error that callers see.
  package var publicError: ParallelError {
    let what =
      switch step {
      case .clone: "no process could be created for \(path)"
      case .processGroup: "\(path) could not be put into a process group of its own"
      case .workingDirectory: "\(path) could not be started in the folder \(workingDirectory ?? "")"
      case .descriptors: "the descriptors for \(path) could not be put in place"
      case .exec: "\(path) could not be started"
      }
    return ParallelError(.system, what, underlying: errno)
  }
}
