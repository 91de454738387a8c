/// The file is none that the program can read. `Codable`, so that it arrives at the caller as what it is.
struct NotAPicture: Error, Codable, Hashable, CustomStringConvertible {
  var reason: String
  var description: String { "not a picture: \(reason)" }
}

/// Decoders as they are often written: they believe what a file says of itself. One that promises more than it holds, or
/// a size whose product is no number, traps; that ends the worker process and nothing else.
extension Picture {
  init(decoding file: [UInt8]) throws(NotAPicture) {
    switch file.prefix(2) {
    case [UInt8(ascii: "P"), UInt8(ascii: "5")]: try self.init(netpbm: file, channels: 1)
    case [UInt8(ascii: "P"), UInt8(ascii: "6")]: try self.init(netpbm: file, channels: 3)
    case [UInt8(ascii: "B"), UInt8(ascii: "M")]: try self.init(bitmap: file)
    default: throw NotAPicture(reason: "it is neither PPM, PGM nor BMP")
    }
  }

  /// Binary PGM (one channel) and PPM (three). Source: the man pages pgm(5) and ppm(5) of Netpbm.
  private init(netpbm file: [UInt8], channels: Int) throws(NotAPicture) {
    var header = NetpbmHeader(file: file)
    let width = header.nextNumber()
    let height = header.nextNumber()
    let largest = header.nextNumber()
    guard width > 0, height > 0 else { throw NotAPicture(reason: "it is empty") }
    guard (1...255).contains(largest) else { throw NotAPicture(reason: "only one byte a sample can be read") }
    // One white space ends the header.
    let start = header.position + 1
    self.init(width: width, height: height) { x, y in
      let pixel = start + channels * (y * width + x)
      func sample(_ channel: Int) -> UInt8 {
        UInt8(min(255, Int(file[pixel + min(channel, channels - 1)]) * 255 / largest))
      }
      return (sample(0), sample(1), sample(2))
    }
  }

  /// Windows bitmaps of 24 and 32 bits without compression. Source: BITMAPINFOHEADER in the Windows documentation.
  private init(bitmap file: [UInt8]) throws(NotAPicture) {
    func number(at offset: Int) -> Int {
      Int(Int32(truncatingIfNeeded: (0..<4).reduce(0) { $0 | Int(file[offset + $1]) << (8 * $1) }))
    }
    let start = number(at: 10)
    let (width, signedHeight) = (number(at: 18), number(at: 22))
    let bits = Int(file[28])
    guard width > 0, signedHeight != 0 else { throw NotAPicture(reason: "it is empty") }
    guard bits == 24 || bits == 32, number(at: 30) == 0 else {
      throw NotAPicture(reason: "only 24 and 32 bits without compression can be read")
    }
    let rowLength = (width * bits / 8 + 3) / 4 * 4
    let height = abs(signedHeight)
    self.init(width: width, height: height) { x, y in
      // Rows go from the bottom to the top, unless the height is negative.
      let row = signedHeight > 0 ? height - 1 - y : y
      let pixel = start + row * rowLength + x * bits / 8
      return (file[pixel + 2], file[pixel + 1], file[pixel])
    }
  }
}

/// The numbers at the beginning of a PGM or PPM file, with white space and comments between them.
private struct NetpbmHeader {
  var file: [UInt8]
  var position = 2

  mutating func nextNumber() -> Int {
    skipSpace()
    var number = 0
    while case let digit = Int(file[position]) - 48, (0...9).contains(digit) {
      number = 10 * number + digit
      position += 1
    }
    return number
  }

  private mutating func skipSpace() {
    while true {
      if file[position] == UInt8(ascii: "#") {
        while file[position] != UInt8(ascii: "\n") { position += 1 }
      } else if !Character(Unicode.Scalar(file[position])).isWhitespace {
        return
      }
      position += 1
    }
  }
}
