import Glibc
import Parallel

/// Tells on standard error how far the program is: with a bar on a terminal, else with a line now and then.
struct ProgressDisplay {
  private static let barLength = 30
  private static let eraseLine = "\r\u{1B}[K"

  private let isTerminal = isatty(STDERR_FILENO) == 1
  /// Counted on the side: the walk that feeds the pool is never far ahead of it.
  private let total: Future<Int>
  private let clock = ContinuousClock()
  private var nextUpdate: ContinuousClock.Instant

  init(roots: [FilePath]) {
    total = isTerminal ? Self.countFiles(roots) : .failed(CancellationError())
    nextUpdate = clock.now
    nextUpdate += interval
  }

  private var interval: Duration { isTerminal ? .milliseconds(100) : .seconds(5) }

  private static func countFiles(_ roots: [FilePath]) -> Future<Int> {
    let promise = Promise<Int>()
    Task.detached {
      let count = FolderWalk(roots).reduce(0) { count, _ in count + 1 }
      try promise.succeed(count)
    }
    return promise.future
  }

  /// Call it as often as you like: it writes only now and then.
  mutating func update(_ totals: Totals) {
    guard clock.now >= nextUpdate else { return }
    nextUpdate = clock.now + interval
    let line = "\(totals.finishedCount) files, \(totals.byteCount / 1_000_000) MB"
    writeToStandardError(isTerminal ? Self.eraseLine + bar(totals.finishedCount) + line : line + "\n")
  }

  /// Removes the bar.
  func finish() {
    if isTerminal { writeToStandardError(Self.eraseLine) }
  }

  private func bar(_ finished: Int) -> String {
    // Not waiting: while the files are still being counted there is no bar.
    guard total.isDone, let total = try? total.get(timeout: .zero), total > 0 else { return "" }
    let filled = min(Self.barLength, Self.barLength * finished / total)
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.barLength - filled)
    return "[\(bar)] \(min(100, 100 * finished / total)) %  "
  }
}
