import ParallelCore
import SystemPackage
import TestSupport

/// What this process's descriptors refer to. Other tests open and close theirs meanwhile, so a test looks for its own.
enum OpenFiles {
  /// What each descriptor refers to, for instance `pipe:[123]` or `anon_inode:[pidfd]`.
  static func targets() -> [String] {
    names(in: "/proc/self/fd").compactMap { SystemCalls.linkTarget(FilePath("/proc/self/fd/\($0)")) }
  }

  static func count(containing text: String) -> Int { targets().count { $0.contains(text) } }

  static func target(of descriptor: FileDescriptor) -> String? {
    SystemCalls.linkTarget(FilePath("/proc/self/fd/\(descriptor.rawValue)"))
  }
}
