import Glibc
import ParallelCore
public import SystemPackage

/// Shows on a terminal how far a run of many tasks is: a bar, the rate, the time left, and how many tasks have failed.
///
/// ```swift
/// let bar = ProgressBar("thumbnails")
/// let results = try await pool.mapResults(tasks, onProgress: bar.update)
/// bar.finish()
/// ```
///
///     thumbnails [#########...............]  38 %  381 of 1000  52/s  0:11 left  2 failed
///
/// Redrawn at most ten times a second, however often it is told. It never gets into the program's way: where nobody reads
/// any more, the disk is full or the terminal is stopped, it is just not drawn. May be used from any thread or task.
public final class ProgressBar: Sendable {
  /// Where a bar is drawn.
  public enum Visibility: Sendable, Hashable {
    /// Only if the output is a terminal that can move its cursor; elsewhere the bar is silent.
    case onTerminal
    /// On any output.
    case always
    /// Nowhere: for a program's `--quiet`.
    case never
  }

  private struct State {
    var shown: PoolProgress?
    var latest: PoolProgress?
  }

  /// Between two redraws, in the time of the run.
  private static let interval: Duration = .milliseconds(100)
  private static let eraseRest = "\u{1B}[K"

  private let label: String
  private let output: FileDescriptor
  private let isVisible: Bool
  private let state = Guarded(State())

  /// Makes a bar; draws nothing yet.
  ///
  /// - Parameters:
  ///   - label: What stands before the bar.
  ///   - output: Where to draw; stays open.
  ///   - visibility: Where the bar is to be seen.
  public init(
    _ label: String = "", to output: FileDescriptor = .standardError, visibility: Visibility = .onTerminal
  ) {
    self.label = label
    self.output = output
    isVisible =
      switch visibility {
      case .onTerminal: SystemCalls.isTerminal(output) && !Self.isDumbTerminal
      case .always: true
      case .never: false
      }
  }

  private static var isDumbTerminal: Bool { getenv("TERM").map { String(cString: $0) == "dumb" } ?? false }

  /// Takes note of how far the run is, and redraws if it is time; does not block.
  public func update(_ progress: PoolProgress) {
    guard isVisible else { return }
    state.withLock { state in
      state.latest = progress
      if let shown = state.shown, !Self.isDue(progress, after: shown) { return }
      draw(progress, &state)
    }
  }

  /// Draws the last state and ends the line; another run may begin on the next. Does nothing if there was no progress.
  public func finish() {
    state.withLock { state in
      guard let latest = state.latest else { return }
      if latest != state.shown { draw(latest, &state) }
      SystemCalls.writeIfPossible(output, [UInt8(ascii: "\n")])
      state = State()
    }
  }

  /// A time that lies before the shown one is that of another run.
  private static func isDue(_ progress: PoolProgress, after shown: PoolProgress) -> Bool {
    let age = progress.elapsed - shown.elapsed
    return age >= interval || age < .zero
  }

  // Under the lock, so that lines of two threads do not overtake each other; it doesn't wait for the output.
  private func draw(_ progress: PoolProgress, _ state: inout State) {
    state.shown = progress
    let line = ProgressLine(label: label, progress: progress).text
    SystemCalls.writeIfPossible(output, Array("\r\(line)\(Self.eraseRest)".utf8))
  }
}
