import Glibc
import SystemPackage

/// What this process's descriptors refer to. Other tests open and close theirs meanwhile, so a test looks for its own.
enum OpenFiles {
  /// What each descriptor refers to, for instance `pipe:[123]` or `anon_inode:[pidfd]`.
  static func targets() -> [String] {
    guard let folder = opendir("/proc/self/fd") else { return [] }
    defer { closedir(folder) }
    var targets: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name.0) { String(cString: $0) }
      if let number = Int32(name), let target = target(of: FileDescriptor(rawValue: number)) {
        targets.append(target)
      }
    }
    return targets
  }

  static func count(containing text: String) -> Int { targets().count { $0.contains(text) } }

  static func target(of descriptor: FileDescriptor) -> String? {
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = bytes.withUnsafeMutableBytes { buffer in
      readlink(
        "/proc/self/fd/\(descriptor.rawValue)", buffer.assumingMemoryBound(to: CChar.self).baseAddress!, 1024)
    }
    return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
  }
}
