import Glibc
import ParallelCore
import SystemPackage

extension Command {
  /// Starts the program. Blocks while the kernel loads it.
  func start(_ streams: CommandStreams) throws(CommandError) -> SpawnedProcess {
    let variables = environment.variables
    let path = try find(variables)
    var plan = SpawnPlan(
      path: path, arguments: ([program] + arguments).map { Array($0.utf8) }, environment: variables)
    plan.workingDirectory = workingDirectory
    plan.descriptors = streams.placements
    plan.leadsProcessGroup = leadsProcessGroup
    plan.niceness = niceness
    plan.processors = processors
    plan.resourceLimits = resourceLimits
    plan.fileModeMask = fileModeMask
    plan.allowsNewPrivileges = allowsNewPrivileges
    do throws(SpawnError) {
      defer { streams.processHasStarted() }
      return try plan.spawn()
    } catch {
      throw CommandError(self, reason(of: error))
    }
  }

  private func find(_ variables: [[UInt8]]) throws(CommandError) -> FilePath {
    switch ExecutableSearch(program, environment: variables) {
    case .found(let path): return path
    case .missing(let folders): throw CommandError(self, .notFound(searched: folders))
    case .notExecutable(let path): throw CommandError(self, .notExecutable(path, .permissionDenied))
    }
  }

  private func reason(of error: SpawnError) -> CommandError.Reason {
    switch error.step {
    case .workingDirectory: .workingDirectory(workingDirectory ?? ".", error.errno)
    case .exec where error.errno == .noSuchFileOrDirectory && !isThere(error.plan.path):
      .notFound(searched: [])
    case .exec: .notExecutable(error.plan.path, error.errno)
    default: .refused(error.publicError.message, error.errno)
    }
  }

  /// A missing file, and one whose interpreter is missing, give the same error.
  private func isThere(_ path: FilePath) -> Bool {
    let place = workingDirectory.map { $0.pushing(path) } ?? path
    return place.withPlatformString { access($0, F_OK) } == 0
  }
}
