public import ParallelCore

/// How a command ended, and what it wrote.
///
/// ```swift
/// let result = try Command("git", ["status", "--short"]).capture()
/// if result.isSuccess { print(result.text) } else { print(result.errorText) }
/// ```
public struct CapturedOutput: Sendable {
  /// How it ended.
  public var status: ProcessExitStatus
  /// The bytes of its standard output; empty where that was not captured.
  public var output: [UInt8]
  /// The bytes of its standard error; empty where that was not captured, or went to the output.
  public var errors: [UInt8]
  /// Whether it wrote more than ``CaptureLimit/truncating(to:)`` had kept.
  public var isTruncated: Bool
  /// What it used, with all children that it waited for; nil where the system does not say.
  public var usage: ResourceUsage?
  /// The time from its start to its end.
  public var duration: Duration

  /// As one would type it, for errors.
  let command: String

  /// Whether it exited with code 0.
  public var isSuccess: Bool { status == .exited(0) }

  /// The output as text. What is no UTF-8 is replaced by U+FFFD.
  public var text: String { String(decoding: output, as: UTF8.self) }

  /// The error output as text.
  public var errorText: String { String(decoding: errors, as: UTF8.self) }

  /// The lines of the output, without their ends (`\n` or `\r\n`).
  public var lines: [String] { Self.lines(of: output[...]) }

  /// The same, if the command exited with code 0.
  ///
  /// - Throws: Else ``CommandError`` with the reason ``CommandError/Reason/failed(_:)``, which has all of it.
  @discardableResult
  public func checked() throws(CommandError) -> CapturedOutput {
    guard isSuccess else { throw CommandError(command: command, .failed(status), captured: self) }
    return self
  }
}

extension CapturedOutput {
  private static let newline = UInt8(ascii: "\n")

  static func lines(of bytes: ArraySlice<UInt8>) -> [String] {
    var lines = bytes.split(separator: newline, omittingEmptySubsequences: false)
    if lines.last?.isEmpty ?? false { lines.removeLast() }
    return lines.map { line in
      String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
    }
  }

  /// The end of what it complained about: some lines, for an error's description.
  var lastErrorLines: String {
    let tail = errors.suffix(2_000)
    return Self.lines(of: tail).filter { !$0.allSatisfy(\.isWhitespace) }.suffix(5).joined(separator: "\n")
  }
}
