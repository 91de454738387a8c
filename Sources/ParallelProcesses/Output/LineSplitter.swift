/// Cuts a stream of bytes into whole lines and keeps the last of them.
struct LineSplitter {
  /// A line without an end is passed on in pieces of this size.
  private static let longestLine = 64 * 1024
  private static let tailLength = 20
  private static let longestTailLine = 500

  private var partial: [UInt8] = []
  /// The last complete lines, without their ends.
  private(set) var tail: [String] = []
  /// The last line with the marker in it, also when so many followed that it is not in the tail.
  private(set) var markedLine: String?
  private let marker: [UInt8]

  init(marker: String) { self.marker = Array(marker.utf8) }

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
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    for line in lines.suffix(Self.tailLength) { tail.append(Self.text(line)) }
    if let line = lines.last(where: isMarked) { markedLine = Self.text(line) }
    if tail.count > Self.tailLength { tail.removeFirst(tail.count - Self.tailLength) }
  }

  private func isMarked(_ line: ArraySlice<UInt8>) -> Bool {
    var rest = line
    while let start = rest.firstIndex(of: marker[0]) {
      rest = rest[start...]
      if rest.starts(with: marker) { return true }
      rest = rest.dropFirst()
    }
    return false
  }

  private static func text(_ line: ArraySlice<UInt8>) -> String {
    String(decoding: line.prefix(longestTailLine), as: UTF8.self)
  }
}
