internal import CParallel
import Glibc
package import SystemPackage

extension SystemCalls {
  /// How many processors it is worth keeping busy, at least one: those on which the calling thread may run, and no more
  /// than the quota of its control group allows (rounded up).
  ///
  /// Reads a few small files; about 0.2 ms.
  package static var usableProcessors: Int {
    usableProcessors(permitted: permittedProcessors.count, quota: processorQuota)
  }

  static func usableProcessors(permitted: Int, quota: Double?) -> Int {
    guard let quota, quota < Double(permitted) else { return max(1, permitted) }
    return max(1, Int(quota.rounded(.up)))
  }

  /// How many processors' worth of time this process may use, by the control groups that it is in; nil for no limit.
  ///
  /// It may be used on more processors at the same time than that: who then spins spends what others could use.
  package static var processorQuota: Double? { ProcessorQuota { contents(of: $0) }.processors }

  /// The numbers of the processors on which the calling thread may run, in ascending order. Source:
  /// `sched_getaffinity(2)`.
  package static var permittedProcessors: [Int] {
    var words = [UInt64](repeating: 0, count: 16)
    while true {
      let size = parallel_get_processors(&words, words.count * 8)
      if size >= 0 { return ProcessorMask(words: words).processors }
      // The kernel is built for more processors than there was room for.
      guard errno == EINVAL, words.count * 64 < ProcessorMask.numbers.upperBound else { return [0] }
      words = [UInt64](repeating: 0, count: words.count * 2)
    }
  }

  /// A small file's text; nil where it can't be read. Files that the kernel makes up have no size to go by.
  package static func contents(of path: FilePath) -> String? {
    guard let file = try? FileDescriptor.open(path, .readOnly, options: .closeOnExec) else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    return withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { chunk in
      while true {
        guard let count = try? read(file, into: chunk) else { return nil }
        if count == 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes += chunk[..<count]
      }
    }
  }
}
