internal import CParallel
import SystemPackage

extension SpawnPlan {
  /// Starts the process. Returns once the program has begun; blocks while the kernel loads it.
  package func spawn() throws(SpawnError) -> SpawnedProcess {
    var result = parallel_spawn_result()
    withCPlan { plan in
      var plan = plan
      parallel_spawn(&plan, &result)
    }
    let process =
      result.pid > 0
      ? SpawnedProcess(pid: result.pid, pidfd: outOfStreams(FileDescriptor(rawValue: result.pidfd))) : nil
    if result.error != 0 {
      process?.discardFailed()
      throw SpawnError(result, plan: self)
    }
    return process!
  }

  /// In a program that has closed its standard streams, the next child would take it for one. Where there is no other
  /// number to be had it stays what it is.
  private func outOfStreams(_ pidfd: FileDescriptor) -> FileDescriptor {
    guard pidfd.rawValue <= 2, let moved = try? SystemCalls.duplicate(pidfd) else { return pidfd }
    SystemCalls.close(pidfd)
    return moved
  }

  /// The order in which the child sets them; a failure names its place in it.
  var limitsInOrder: [(resource: LimitedResource, limit: ResourceLimit)] {
    resourceLimits.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key, $0.value) }
  }

  /// The plan in the form that the child reads; valid within `body`.
  private func withCPlan(_ body: (parallel_spawn_plan) -> Void) {
    let placements = descriptors.sorted { $0.key < $1.key }.map { number, source in
      parallel_placement(source: source.rawValue, number: number)
    }
    let limits = limitsInOrder.map { resource, limit in
      parallel_resource_limit(
        resource: resource.rawValue, soft: limit.soft.map(UInt64.init(clamping:)) ?? .max,
        hard: limit.hard.map(UInt64.init(clamping:)) ?? .max)
    }
    let processors = self.processors.map(ProcessorMask.init)?.words ?? []
    let arguments = CStringList(self.arguments)
    let environment = CStringList(self.environment)
    path.withPlatformString { path in
      withOptionalPlatformString(workingDirectory) { folder in
        placements.withUnsafeBufferPointer { placements in
          limits.withUnsafeBufferPointer { limits in
            processors.withUnsafeBufferPointer { processors in
              body(
                parallel_spawn_plan(
                  path: path, arguments: arguments.pointers, environment: environment.pointers,
                  working_directory: folder, placements: placements.baseAddress,
                  placement_count: placements.count, processors: processors.baseAddress,
                  processor_word_count: processors.count, limits: limits.baseAddress,
                  limit_count: limits.count, sets_niceness: niceness != nil,
                  niceness: CInt(clamping: niceness ?? 0), sets_file_mode_mask: fileModeMask != nil,
                  file_mode_mask: fileModeMask.map { UInt32($0.rawValue) } ?? 0,
                  own_process_group: leadsProcessGroup, no_new_privileges: !allowsNewPrivileges,
                  blocked_signals: blockedSignals.reduce(0) { $0 | 1 << UInt64($1 - 1) }))
            }
          }
        }
      }
    }
  }
}

private func withOptionalPlatformString<R>(
  _ path: FilePath?, _ body: (UnsafePointer<CInterop.PlatformChar>?) -> R
) -> R {
  guard let path else { return body(nil) }
  return path.withPlatformString(body)
}
