/// Cuts a stream of bytes into whole lines and keeps the last of them.
struct LineSplitter {
  /// A line without an end is passed on in pieces of this size.
  private static let longestLine = 64 * 1024
  private static let tailLength = 20
  private static let longestTailLine = 500

  private var partial: [UInt8] = []
  /// The last complete lines, without their ends.
  private(set) var tail: [String] = []

  /// Takes what was read and returns the bytes up to the last complete line.
  mutating func append(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    partial.append(contentsOf: bytes)
    guard let end = partial.lastIndex(of: UInt8(ascii: "\n")) else {
      return partial.count >= Self.longestLine ? takePartial() : []
    }
    let complete = Array(partial[...end])
    partial.removeFirst(complete.count)
    remember(complete)
    return complete
  }

  /// At the end of the stream: the last line, ended if the stream did not.
  mutating func finish() -> [UInt8] {
    guard !partial.isEmpty else { return [] }
    remember(partial)
    return takePartial() + [UInt8(ascii: "\n")]
  }

  private mutating func takePartial() -> [UInt8] {
    defer { partial = [] }
    return partial
  }

  private mutating func remember(_ bytes: [UInt8]) {
    for line in bytes.split(separator: UInt8(ascii: "\n")).suffix(Self.tailLength) {
      tail.append(String(decoding: line.prefix(Self.longestTailLine), as: UTF8.self))
    }
    if tail.count > Self.tailLength { tail.removeFirst(tail.count - Self.tailLength) }
  }
}
