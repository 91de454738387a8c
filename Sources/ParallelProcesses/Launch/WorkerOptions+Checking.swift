import ParallelCore
import SystemPackage

extension WorkerOptions {
  /// Throws `invalidArgument` for what can be known to be wrong before a worker is started.
  func check() throws(ParallelError) {
    if let niceness, !(-20...19).contains(niceness) {
      throw ParallelError(.invalidArgument, "the niceness of workers is between -20 and 19, not \(niceness)")
    }
    try checkProcessors()
    for (resource, limit) in resourceLimits where !limit.isPossible {
      throw ParallelError(
        .invalidArgument,
        "\(limit) is no limit for \(resource): limits are not negative, and the soft one is not above the hard one"
      )
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

  private func checkProcessors() throws(ParallelError) {
    guard case .only(let numbers) = processors else { return }
    if numbers.isEmpty {
      throw ParallelError(.invalidArgument, "workers need at least one processor to run on")
    }
    if let number = numbers.first(where: { !ProcessorMask.numbers.contains($0) }) {
      throw ParallelError(
        .invalidArgument,
        "there is no processor \(number): they are numbered from 0 to \(ProcessorMask.numbers.upperBound - 1)"
      )
    }
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
    if case .only(let numbers) = processors { plan.processors = numbers }
    plan.resourceLimits = resourceLimits
    plan.allowsNewPrivileges = allowsNewPrivileges
  }
}
