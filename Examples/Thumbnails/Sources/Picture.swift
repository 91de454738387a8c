/// A picture of red, green and blue bytes, row by row from the top.
struct Picture: Hashable {
  var width: Int
  var height: Int
  var bytes: [UInt8]

  init(width: Int, height: Int, bytes: [UInt8]) {
    precondition(bytes.count == 3 * width * height, "not as many bytes as pixels need")
    self.width = width
    self.height = height
    self.bytes = bytes
  }

  /// Made from a function of the coordinates.
  init(width: Int, height: Int, color: (_ x: Int, _ y: Int) -> (UInt8, UInt8, UInt8)) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(3 * width * height)
    for y in 0..<height {
      for x in 0..<width {
        let (red, green, blue) = color(x, y)
        bytes += [red, green, blue]
      }
    }
    self.init(width: width, height: height, bytes: bytes)
  }

  /// Made smaller, so that no side is longer than `size`; each pixel is the mean of those that it stands for.
  func scaled(toFit size: Int) -> Picture {
    let longest = max(width, height)
    guard longest > size else { return self }
    let small = (width: max(1, width * size / longest), height: max(1, height * size / longest))
    return Picture(width: small.width, height: small.height) { x, y in
      mean(
        columns: x * width / small.width..<(x + 1) * width / small.width,
        rows: y * height / small.height..<(y + 1) * height / small.height)
    }
  }

  private func mean(columns: Range<Int>, rows: Range<Int>) -> (UInt8, UInt8, UInt8) {
    var sums = (0, 0, 0)
    for y in rows {
      for x in columns {
        let start = 3 * (y * width + x)
        sums.0 += Int(bytes[start])
        sums.1 += Int(bytes[start + 1])
        sums.2 += Int(bytes[start + 2])
      }
    }
    let count = columns.count * rows.count
    return (UInt8(sums.0 / count), UInt8(sums.1 / count), UInt8(sums.2 / count))
  }
}
