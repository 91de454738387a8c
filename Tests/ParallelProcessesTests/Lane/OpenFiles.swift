import ParallelCore
import SystemPackage
import TestSupport

/// What this process's descriptors refer to.
func openFiles() -> [String] {
  names(in: "/proc/self/fd").compactMap { target(of: "/proc/self/fd/\($0)") }
}

/// What a symbolic link points to.
func target(of link: String) -> String? { SystemCalls.linkTarget(FilePath(link)) }
