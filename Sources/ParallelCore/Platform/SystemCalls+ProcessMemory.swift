import Glibc
import SystemPackage

extension SystemCalls {
  /// How many bytes of memory a process of this user holds, its resident set; nil where there is no such process.
  ///
  /// The number must be a child's that was not reaped: else it may be another's by now. Source: `proc_pid_statm(5)`.
  package static func residentMemory(of processID: Int32) -> Int? {
    let descriptor = open("/proc/\(processID)/statm", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    let file = FileDescriptor(rawValue: descriptor)
    defer { close(file) }
    return withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
      guard let count = try? read(file, into: buffer) else { return nil }
      let fields = buffer[..<count].split(separator: UInt8(ascii: " "))
      guard fields.count > 1, let pages = Int(String(decoding: fields[1], as: UTF8.self)) else { return nil }
      return pages * Int(getpagesize())
    }
  }
}
