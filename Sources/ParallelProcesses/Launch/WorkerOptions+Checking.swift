import ParallelCore
import SystemPackage

extension WorkerOptions {
  /// Throws `invalidArgument` for what can be known to be wrong before a worker is started.
  func check() throws(ParallelError) {
    let grants = GrantCheck(
      niceness: niceness, processors: listedProcessors, resourceLimits: resourceLimits)
    if let problem = grants.problem(niceness: "the niceness of workers", runner: "workers need") {
      throw ParallelError(.invalidArgument, problem)
    }
    if let workingDirectory {
      do throws(Errno) {
        try SystemCalls.checkFolder(workingDirectory)
      } catch {
        throw ParallelError(
          .invalidArgument, "workers can't start in the folder '\(workingDirectory)'", underlying: error)
      }
    }
  }

  /// Those that all workers are to run on; nil where that is not said.
  private var listedProcessors: Set<Int>? {
    if case .only(let numbers) = processors { numbers } else { nil }
  }

  /// The same with a folder that stays the same when this process changes its own.
  func resolved() throws(ParallelError) -> WorkerOptions {
    guard let folder = workingDirectory, folder.isRelative else { return self }
    do throws(Errno) {
      var result = self
      result.workingDirectory = try SystemCalls.currentFolder().appending(folder.components)
      return result
    } catch {
      throw ParallelError(
        .invalidArgument, "'\(folder)' is relative to this process's folder, which is gone", underlying: error
      )
    }
  }

  /// Writes into the plan what is the same for all workers.
  func apply(to plan: inout SpawnPlan) {
    plan.workingDirectory = workingDirectory
    plan.niceness = niceness
    plan.processors = listedProcessors
    plan.resourceLimits = resourceLimits
    plan.allowsNewPrivileges = allowsNewPrivileges
  }
}
