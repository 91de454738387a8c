internal import CParallel
import Glibc
package import SystemPackage

extension SystemCalls {
  /// The kernel's number of the calling thread. Source: `gettid(2)`.
  package static var currentThreadID: Int32 { parallel_native_thread_id() }

  /// What tells the calling thread from all others that live now. Source: `pthread_self(3)`.
  package static var currentThread: UInt64 { UInt64(pthread_self()) }

  /// Names the calling thread; see ``kernelName(_:)``. Source: `prctl(PR_SET_NAME)`.
  package static func nameCurrentThread(_ name: String) { parallel_set_thread_name(kernelName(name)) }

  /// Names another thread of this process. One that has ended keeps its name.
  ///
  /// Source: `/proc/self/task/…/comm` of proc(5).
  package static func nameThread(_ id: Int32, _ name: String) {
    let path = FilePath("/proc/self/task/\(id)/comm")
    guard let file = try? FileDescriptor.open(path, .writeOnly, options: .closeOnExec) else { return }
    defer { try? file.close() }
    _ = try? file.writeAll(kernelName(name).utf8)
  }

  /// The name that the kernel has for the calling thread. Source: `prctl(PR_GET_NAME)`.
  package static var currentThreadName: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16) { name in
      // Enough for 15 bytes and the null, which the kernel always writes.
      guard let start = name.baseAddress else { return "" }
      parallel_get_thread_name(start)
      return String(cString: start)
    }
  }

  /// Sets how willingly the calling thread, alone, leaves the processor to others. Source: `setpriority(2)`.
  package static func setNiceness(_ niceness: Int) throws(Errno) {
    guard setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, CInt(clamping: niceness)) == 0 else {
      throw Errno(rawValue: errno)
    }
  }

  /// As much of a name as the kernel keeps: 15 bytes, cut between characters, and up to the first null.
  static func kernelName(_ name: String) -> String {
    var kept = String(name.prefix { $0 != "\0" }.prefix(15))
    while kept.utf8.count > 15 { kept.removeLast() }
    return kept
  }
}
