import Glibc
import SystemPackage
import TestSupport

/// What this process's descriptors refer to.
func openFiles() -> [String] {
  names(in: "/proc/self/fd").compactMap { target(of: "/proc/self/fd/\($0)") }
}

/// What a symbolic link points to.
func target(of link: String) -> String? {
  var bytes = [UInt8](repeating: 0, count: 1024)
  let count = bytes.withUnsafeMutableBytes { buffer in
    readlink(link, buffer.assumingMemoryBound(to: CChar.self).baseAddress!, 1024)
  }
  return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
}
