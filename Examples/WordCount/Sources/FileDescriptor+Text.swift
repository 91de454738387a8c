import Parallel

extension FileDescriptor {
  private static let pieceLength = 64 * 1024
  /// Programs that tell text from other data look this far.
  private static let prefixLength = 8 * 1024

  /// Reads the rest of a text file and hands it out in pieces of whole characters; returns its length in bytes.
  ///
  /// Takes the same memory for a file of any size. Throws `CountWords.NotText` for what is not valid UTF-8 or has a
  /// zero byte near its beginning, and `Errno`.
  func readText(_ body: (UTF8Span) -> Void) throws -> Int {
    var buffer = [UInt8](repeating: 0, count: Self.pieceLength)
    var length = 0
    // What the buffer begins with: a character whose end was not read yet.
    var kept = 0
    while true {
      let count = try buffer.withUnsafeMutableBytes { try read(into: .init(rebasing: $0[kept...])) }
      if length == 0, buffer[..<min(count, Self.prefixLength)].contains(0) { throw CountWords.NotText() }
      length += count
      let filled = kept + count
      // At the end of the file nothing more can complete a character.
      kept = count == 0 ? 0 : Self.unfinishedLength(buffer[..<filled])
      do throws(UTF8.ValidationError) {
        body(try UTF8Span(validating: buffer.span.extracting(..<(filled - kept))))
      } catch {
        throw CountWords.NotText()
      }
      if count == 0 { return length }
      for index in 0..<kept { buffer[index] = buffer[filled - kept + index] }
    }
  }

  /// How many bytes at the end are the beginning of a character that goes on.
  private static func unfinishedLength(_ bytes: ArraySlice<UInt8>) -> Int {
    let continuation = bytes.suffix(3).reversed().prefix { $0 & 0b1100_0000 == 0b1000_0000 }.count
    guard let lead = bytes.dropLast(continuation).last else { return 0 }
    let length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    return continuation + 1 < length ? continuation + 1 : 0
  }
}
