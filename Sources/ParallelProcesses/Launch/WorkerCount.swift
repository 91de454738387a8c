import Glibc
import ParallelCore

/// How many workers a pool has whose maker did not say.
enum WorkerCount {
  /// The environment variable that overrides what is found out.
  static let variable = "PARALLEL_WORKERS"

  /// As many as one machine could run: see `lifelines.c`.
  private static let most = 4096

  /// What `PARALLEL_WORKERS` says; else as many as this process may use processors.
  static var preferred: Int {
    guard let text = getenv(variable).map({ String(cString: $0) }) else {
      return SystemCalls.usableProcessors
    }
    if let count = count(text) { return count }
    _ = complaint
    return SystemCalls.usableProcessors
  }

  /// Nil for what is no sensible number.
  static func count(_ text: String) -> Int? {
    guard let count = Int(text), (1...most).contains(count) else { return nil }
    return count
  }

  /// How many workers a pool gets by default that is made in one of `workers` workers of a pool made here: so that
  /// all of them together are about as many as this process would have.
  static func share(ofEachOf workers: Int) -> Int { max(1, preferred / workers) }

  /// Made once.
  private static let complaint: Void = SystemCalls.report(
    "swift-parallel: \(variable) is ignored: it must be a number from 1 to \(most)")
}
