internal import CParallel
package import SystemPackage

/// Everything about a new process, settled before it exists; one plan for workers and commands.
///
/// The child gets exactly the descriptors named here, and all signals at their defaults. The mechanism and
/// its order are described in `CParallel/spawn.c`.
package struct SpawnPlan: Sendable {
  /// The program's file.
  package var path: FilePath
  /// The arguments, the program's name first.
  package var arguments: [[UInt8]]
  /// The environment, as `name=value`.
  package var environment: [[UInt8]]
  /// The folder it starts in; nil for this process's own.
  package var workingDirectory: FilePath?
  /// Which descriptor of this process appears at which number in the child; all others are closed there.
  package var descriptors: [Int32: FileDescriptor] = [:]
  /// Whether the child leads a process group of its own.
  package var leadsProcessGroup = false
  /// The signals that are blocked when the program begins; none otherwise.
  package var blockedSignals: [Int32] = []

  package init(path: FilePath, arguments: [[UInt8]], environment: [[UInt8]]) {
    self.path = path
    self.arguments = arguments
    self.environment = environment
  }

  /// Starts the process. Returns once the program has begun; blocks while the kernel loads it.
  package func spawn() throws(SpawnError) -> SpawnedProcess {
    let placements = descriptors.sorted { $0.key < $1.key }.map { number, source in
      parallel_placement(source: source.rawValue, number: number)
    }
    let arguments = CStringList(self.arguments)
    let environment = CStringList(self.environment)
    var result = parallel_spawn_result()
    path.withPlatformString { path in
      withOptionalPlatformString(workingDirectory) { folder in
        placements.withUnsafeBufferPointer { placements in
          var plan = parallel_spawn_plan(
            path: path, arguments: arguments.pointers, environment: environment.pointers,
            working_directory: folder, placements: placements.baseAddress, placement_count: placements.count,
            own_process_group: leadsProcessGroup,
            blocked_signals: blockedSignals.reduce(0) { $0 | 1 << UInt64($1 - 1) })
          parallel_spawn(&plan, &result)
        }
      }
    }
    let process =
      result.pid > 0
      ? SpawnedProcess(pid: result.pid, pidfd: FileDescriptor(rawValue: result.pidfd)) : nil
    if result.error != 0 {
      process?.discardFailed()
      throw SpawnError(step: .init(result.step), errno: Errno(rawValue: result.error), plan: self)
    }
    return process!
  }
}

private func withOptionalPlatformString<R>(
  _ path: FilePath?, _ body: (UnsafePointer<CInterop.PlatformChar>?) -> R
) -> R {
  guard let path else { return body(nil) }
  return path.withPlatformString(body)
}
