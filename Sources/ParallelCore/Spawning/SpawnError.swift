internal import CParallel
package import SystemPackage

/// Why a process could not be started, and at which step.
package struct SpawnError: Error, Sendable {
  /// The steps, in the order in which the child takes them.
  package enum Step: Sendable, Hashable {
    case clone, processGroup, descriptors, niceness, processors
    case resourceLimit(LimitedResource)
    case workingDirectory, noNewPrivileges, exec
  }

  package var step: Step
  package var errno: Errno
  /// What was to be started, and with which values.
  package var plan: SpawnPlan

  init(_ result: parallel_spawn_result, plan: SpawnPlan) {
    step = Step(result, plan)
    errno = Errno(rawValue: result.error)
    self.plan = plan
  }

  /// The same as the error that callers see.
  package var publicError: ParallelError { ParallelError(.system, message, underlying: errno) }

  private var message: String {
    let path = plan.path
    switch step {
    case .clone: return "no process could be created for \(path)"
    case .processGroup: return "\(path) could not be put into a process group of its own"
    case .descriptors: return "the descriptors for \(path) could not be put in place"
    case .niceness: return "\(path) may not have the niceness \(plan.niceness ?? 0)"
    case .processors:
      return "\(path) can't run on any of the processors \((plan.processors ?? []).sorted())"
    case .resourceLimit(let resource):
      let limit = plan.resourceLimits[resource].map { " of \($0)" } ?? ""
      return "\(path) could not be given the limit\(limit) for \(resource)"
    case .workingDirectory: return "\(path) could not be started in the folder \(plan.workingDirectory ?? "")"
    case .noNewPrivileges: return "\(path) could not be kept from gaining privileges"
    case .exec: return "\(path) could not be started"
    }
  }
}

extension SpawnError.Step {
  fileprivate init(_ result: parallel_spawn_result, _ plan: SpawnPlan) {
    switch UInt32(result.step) {
    case PARALLEL_SPAWN_PROCESS_GROUP.rawValue: self = .processGroup
    case PARALLEL_SPAWN_DESCRIPTORS.rawValue: self = .descriptors
    case PARALLEL_SPAWN_NICENESS.rawValue: self = .niceness
    case PARALLEL_SPAWN_PROCESSORS.rawValue: self = .processors
    case PARALLEL_SPAWN_RESOURCE_LIMIT.rawValue:
      self = .resourceLimit(plan.limitsInOrder[result.limit].resource)
    case PARALLEL_SPAWN_WORKING_DIRECTORY.rawValue: self = .workingDirectory
    case PARALLEL_SPAWN_NO_NEW_PRIVILEGES.rawValue: self = .noNewPrivileges
    case PARALLEL_SPAWN_EXEC.rawValue: self = .exec
    default: self = .clone
    }
  }
}
