import Parallel

/// What came of all files together.
struct Totals {
  private(set) var counts: [String: Int] = [:]
  private(set) var wordCount = 0
  private(set) var fileCount = 0
  private(set) var byteCount = 0
  /// Files that are no text.
  private(set) var skipped: [FilePath] = []
  /// Files and folders that could not be counted.
  private(set) var failed: [(path: FilePath, reason: String)] = []

  /// Files with which the program is done, whatever came of them.
  var finishedCount: Int { fileCount + skipped.count + failed.count }

  mutating func add(_ result: Result<CountWords.Output, any Error>, of file: FilePath) {
    switch result {
    case .success(let output):
      fileCount += 1
      byteCount += output.byteCount
      for (word, count) in output.counts {
        counts[word, default: 0] += count
        wordCount += count
      }
    // The error has the type with which the worker threw it.
    case .failure(is CountWords.NotText): skipped.append(file)
    case .failure(let error): addFailure(of: file, error)
    }
  }

  mutating func addFailure(of path: FilePath, _ error: any Error) {
    failed.append((path, Self.reason(error)))
  }

  /// For a crash what the runtime said last, if it said something: it names the line.
  private static func reason(_ error: any Error) -> String {
    guard let failure = error as? WorkerFailure, let report = failure.crashReport else { return "\(error)" }
    return report.message ?? report.description
  }
}
