@testable import Thumbnails

/// Reads a PNG whose data is not compressed, and checks all lengths and sums in it.
struct StoredPNG {
  struct Malformed: Error { var what: String }

  let picture: Picture

  init(_ file: [UInt8]) throws {
    guard file.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) else {
      throw Malformed(what: "signature")
    }
    var rest = file.dropFirst(8)
    let header = try Self.takeChunk("IHDR", &rest)
    let data = try Self.takeChunk("IDAT", &rest)
    guard try Self.takeChunk("IEND", &rest).isEmpty, rest.isEmpty else { throw Malformed(what: "end") }
    guard header.count == 13, header.suffix(5) == [8, 2, 0, 0, 0] else { throw Malformed(what: "header") }
    let (width, height) = (Self.number(header.prefix(4)), Self.number(header.dropFirst(4).prefix(4)))
    let rows = try Self.unpacked(data)
    guard rows.count == height * (1 + 3 * width) else { throw Malformed(what: "size") }
    var bytes: [UInt8] = []
    for row in 0..<height {
      let start = row * (1 + 3 * width)
      guard rows[start] == 0 else { throw Malformed(what: "filter") }
      bytes += rows[start + 1..<start + 1 + 3 * width]
    }
    picture = Picture(width: width, height: height, bytes: bytes)
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

  private static func take(_ count: Int, _ rest: inout ArraySlice<UInt8>) throws -> ArraySlice<UInt8> {
    guard rest.count >= count else { throw Malformed(what: "cut off") }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  private static func takeChunk(_ name: String, _ rest: inout ArraySlice<UInt8>) throws -> ArraySlice<UInt8> {
    let length = number(try take(4, &rest))
    let body = try take(4 + length, &rest)
    guard body.starts(with: name.utf8) else { throw Malformed(what: "chunk \(name)") }
    guard number(try take(4, &rest)) == Int(PNGEncoder.crc32(Array(body))) else {
      throw Malformed(what: "CRC")
    }
    return body.dropFirst(4)
  }

  private static func unpacked(_ stream: ArraySlice<UInt8>) throws -> [UInt8] {
    var rest = stream
    let head = number(try take(2, &rest))
    guard head % 31 == 0, head >> 8 == 0x78 else { throw Malformed(what: "zlib header") }
    var bytes: [UInt8] = []
    var isLast = false
    while !isLast {
      isLast = try take(1, &rest).first == 1
      let lengths = Array(try take(4, &rest))
      let (length, inverse) = (Int(lengths[0]) | Int(lengths[1]) << 8, Int(lengths[2]) | Int(lengths[3]) << 8)
      guard length ^ inverse == 0xFFFF else { throw Malformed(what: "block length") }
      bytes += try take(length, &rest)
    }
    guard number(rest) == Int(PNGEncoder.adler32(bytes)) else { throw Malformed(what: "Adler-32") }
    return bytes
  }
}
