import Glibc
package import SystemPackage

/// The processes that can still write to pipes of which this process holds the reading ends only.
///
/// Nobody has got the writing end but the process for which the pipe was made, and those to whom that one gave it: that
/// is how what it left behind is found after it has ended. Source: the links in `proc_pid_fd(5)`.
package struct PipeWriters {
  private let links: Set<String>
  private let own = getpid()
  private let ownProgram = Self.program(of: getpid())

  /// Finds nobody where the system does not show this process's own descriptors.
  package init(ofPipes readEnds: [FileDescriptor]) {
    links = Set(readEnds.compactMap { SystemCalls.linkTarget(FilePath("/proc/self/fd/\($0.rawValue)")) })
  }

  /// Those that there are now, each by a descriptor that the caller closes.
  package func open() -> [FileDescriptor] {
    guard !links.isEmpty else { return [] }
    return SystemCalls.names(in: "/proc").compactMap(Int32.init).compactMap { process in
      guard process != own, writes(process), !isAboutToStart(process),
        let descriptor = try? SystemCalls.openProcess(process)
      else { return nil }
      // The number may have been another's when the descriptor was made; now it can't be any more.
      if writes(process) { return descriptor }
      SystemCalls.close(descriptor)
      return nil
    }
  }

  private func writes(_ process: Int32) -> Bool {
    let folder = FilePath("/proc/\(process)/fd")
    return SystemCalls.names(in: folder).contains { name in
      let path = folder.appending(name)
      guard let target = SystemCalls.linkTarget(path), links.contains(target) else { return false }
      var status = Glibc.stat()
      return path.withPlatformString { lstat($0, &status) } == 0 && status.st_mode & S_IWUSR != 0
    }
  }

  /// Another thread's child, between its creation and its program, has copies of all of this process's descriptors.
  private func isAboutToStart(_ process: Int32) -> Bool {
    ProcessEntry(process)?.parent == own && Self.program(of: process) == ownProgram
  }

  private static func program(of process: Int32) -> String? {
    SystemCalls.linkTarget(FilePath("/proc/\(process)/exe"))
  }
}
