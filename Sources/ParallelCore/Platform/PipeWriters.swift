import Glibc
package import SystemPackage

/// The processes that can still write to a pipe of which this process holds the reading end only.
///
/// Nobody has got the writing end but the process for which the pipe was made, and those to whom that one gave it: that
/// is how what it left behind is found after it has ended. Source: the links in `proc_pid_fd(5)`.
package struct PipeWriters {
  private let link: String
  private let own = getpid()
  private let ownProgram = Self.program(of: getpid())

  /// Nil where the system does not show this process's own descriptors.
  package init?(ofPipe readEnd: FileDescriptor) {
    guard let link = Self.target("/proc/self/fd/\(readEnd.rawValue)") else { return nil }
    self.link = link
  }

  /// Those that there are now, each by a descriptor that the caller closes.
  package func open() -> [FileDescriptor] {
    SystemCalls.names(in: "/proc").compactMap(Int32.init).compactMap { process in
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
    let folder = "/proc/\(process)/fd"
    return SystemCalls.names(in: FilePath(folder)).contains { name in
      let path = "\(folder)/\(name)"
      guard Self.target(path) == link else { return false }
      var status = Glibc.stat()
      return lstat(path, &status) == 0 && status.st_mode & S_IWUSR != 0
    }
  }

  /// Another thread's child, between its creation and its program, has copies of all of this process's descriptors.
  private func isAboutToStart(_ process: Int32) -> Bool {
    ProcessEntry(process)?.parent == own && Self.program(of: process) == ownProgram
  }

  private static func program(of process: Int32) -> String? { target("/proc/\(process)/exe") }

  private static func target(_ link: String) -> String? {
    withUnsafeTemporaryAllocation(byteCount: Int(PATH_MAX), alignment: 1) { buffer in
      let count = readlink(link, buffer.baseAddress!.assumingMemoryBound(to: CChar.self), buffer.count)
      return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }
  }
}
