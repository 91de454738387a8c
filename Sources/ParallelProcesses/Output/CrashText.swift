/// Tells apart, in a worker's standard error, what the program wrote and what the backtracer wrote after it.
struct CrashText {
  /// How the backtracer begins.
  private static let beginnings = ["*** Signal ", "*** Program crashed", "💣 Program crashed"]
  private static let longestHeldLine = 4096
  private static let longestBacktrace = 256 * 1024

  private(set) var lines = LineSplitter(marker: "Fatal error")
  private var backtraceBytes: [UInt8] = []
  private var isBacktrace = false
  /// The beginning of a line that came while the worker was dying.
  private var unfinished: [UInt8] = []
  /// Empty lines that came while the worker was dying, and were not passed on yet.
  private var blankLines = 0

  /// Takes what was read; returns what is the program's own and complete.
  ///
  /// `isDying` tells whether the worker has announced its crash: before that no line is a backtracer's.
  mutating func append(_ bytes: ArraySlice<UInt8>, isDying: Bool) -> [UInt8] {
    guard !isBacktrace else {
      appendBacktrace(bytes)
      return []
    }
    guard isDying || !unfinished.isEmpty else { return lines.append(bytes) }
    var own: [UInt8] = []
    var rest = unfinished[...] + bytes
    unfinished = []
    while !rest.isEmpty {
      guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
        // It may yet become a backtracer's line, if it is short.
        if rest.count > Self.longestHeldLine {
          own += releaseBlankLines() + lines.append(rest)
        } else {
          unfinished = Array(rest)
        }
        break
      }
      if end == rest.startIndex {
        // Perhaps the one that the backtracer begins with.
        blankLines += 1
        rest = rest[(end + 1)...]
        continue
      }
      if Self.beginsBacktrace(rest[...end]) {
        isBacktrace = true
        appendBacktrace(rest)
        break
      }
      own += releaseBlankLines() + lines.append(rest[...end])
      rest = rest[(end + 1)...]
    }
    return own
  }

  /// At the end of the stream: the program's last line.
  mutating func finish() -> [UInt8] {
    let last = releaseBlankLines() + lines.append(unfinished)
    unfinished = []
    return last + lines.finish()
  }

  private mutating func releaseBlankLines() -> [UInt8] {
    defer { blankLines = 0 }
    return isBacktrace ? [] : lines.append(repeatElement(UInt8(ascii: "\n"), count: blankLines))
  }

  /// What the backtracer wrote, without its progress line; nil if it wrote nothing.
  var backtrace: String? {
    guard isBacktrace else { return nil }
    let text = String(decoding: backtraceBytes, as: UTF8.self)
    let kept = text.split(separator: "\n", omittingEmptySubsequences: false).drop {
      $0.isEmpty || $0.hasPrefix(Self.beginnings[0])
    }
    return kept.isEmpty ? nil : kept.joined(separator: "\n")
  }

  /// The last line that the Swift runtime wrote when it gave up.
  ///
  /// Where the backtracer is switched off, a long stack trace of the runtime's own follows it.
  var fatalMessage: String? { lines.markedLine }

  private static func beginsBacktrace(_ line: ArraySlice<UInt8>) -> Bool {
    beginnings.contains { line.starts(with: $0.utf8) }
  }

  private mutating func appendBacktrace(_ bytes: ArraySlice<UInt8>) {
    backtraceBytes.append(contentsOf: bytes.prefix(Self.longestBacktrace - backtraceBytes.count))
  }
}
