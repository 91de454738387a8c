internal import CParallel
import Glibc
package import SystemPackage

/// The number of a process must be a child's that was not reaped: else it may be another's by now.
extension SystemCalls {
  /// How many bytes of memory a process of this user holds, its resident set; nil where there is no such process.
  ///
  /// Source: `proc_pid_statm(5)`.
  package static func residentMemory(of processID: Int32) -> Int? {
    withFile("statm", of: processID) { text in
      let fields = text.split(separator: UInt8(ascii: " "))
      guard fields.count > 1, let pages: Int = number(fields[1]) else { return nil }
      return pages * Int(getpagesize())
    }
  }

  /// What a process of this user has used by now; nil where there is no such process, or where it has ended.
  ///
  /// As in what `reap` tells, children that it has reaped count in its times. These come in the clock ticks of the system,
  /// of 10 ms. Source: `proc_pid_stat(5)`, `VmHWM` of `proc_pid_status(5)`.
  package static func usage(of processID: Int32) -> ResourceUsage? {
    let times = withStatus(of: processID) { fields -> (user: Duration, system: Duration)? in
      guard fields.count > 14, let user: Int = number(fields[11]), let system: Int = number(fields[12]),
        let childrensUser: Int = number(fields[13]), let childrensSystem: Int = number(fields[14])
      else { return nil }
      return (duration(ticks: user + childrensUser), duration(ticks: system + childrensSystem))
    }
    let peak = withFile("status", of: processID) { text -> Int? in
      for line in text.split(separator: UInt8(ascii: "\n")) where line.starts(with: "VmHWM:".utf8) {
        // In kibibytes, whatever the system's own sizes are.
        return line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.dropFirst().first
          .flatMap(number).map { $0 * 1024 }
      }
      return nil
    }
    guard let times, let peak else { return nil }
    return ResourceUsage(userTime: times.user, systemTime: times.system, peakMemory: peak)
  }

  /// Whether the process behind `pidfd` is this process's child still: nobody has reaped it. Source: `waitid(2)`.
  package static func isUnreaped(_ pidfd: FileDescriptor) -> Bool { parallel_is_unreaped(pidfd.rawValue) }

  private static func duration(ticks: Int) -> Duration {
    let perSecond = sysconf(CInt(_SC_CLK_TCK))
    return .microseconds(Int64(clamping: ticks * (1_000_000 / max(1, perSecond))))
  }

  static func number<Number: FixedWidthInteger>(_ digits: Slice<UnsafeRawBufferPointer>) -> Number? {
    Number(String(decoding: digits, as: UTF8.self))
  }

  /// Calls `body` with the fields of `proc_pid_stat(5)` from the state on, which is the third there.
  static func withStatus<Result>(
    of processID: Int32, _ body: ([Slice<UnsafeRawBufferPointer>]) -> Result?
  ) -> Result? {
    withFile("stat", of: processID) { text in
      // The program's name, in parentheses, may hold anything, parentheses and blanks too.
      guard let name = text.lastIndex(of: UInt8(ascii: ")")) else { return nil }
      return body(text[(name + 1)...].split(separator: UInt8(ascii: " ")))
    }
  }

  /// Calls `body` with the beginning of what the kernel says of a process in one of its files.
  private static func withFile<Result>(
    _ name: String, of processID: Int32, _ body: (UnsafeRawBufferPointer) -> Result?
  ) -> Result? {
    guard let file = try? open(FilePath("/proc/\(processID)/\(name)"), .readOnly) else { return nil }
    defer { close(file) }
    return withUnsafeTemporaryAllocation(byteCount: 8192, alignment: 1) { buffer in
      // One call gives all that fits: the kernel makes up the text at once.
      guard let count = try? read(file, into: buffer) else { return nil }
      return body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }
}
