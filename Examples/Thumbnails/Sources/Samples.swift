import Parallel

/// Pictures to try the program with.
enum Samples {
  /// The one that promises more than it holds.
  static let corruptName = "corrupt.ppm"

  /// All files by name. Sizes and colours differ from picture to picture.
  static var files: [(name: String, bytes: [UInt8])] {
    var files: [(name: String, bytes: [UInt8])] = []
    for number in 1...4 {
      let picture = Picture(width: 150 + 37 * number, height: 260 - 31 * number) { x, y in
        (UInt8(x % 256), UInt8(y % 256), UInt8(60 * number))
      }
      files.append(("gradient\(number).ppm", ppm(picture)))
      files.append(("gray\(number).pgm", pgm(picture)))
      files.append(("gradient\(number).bmp", bitmap(picture)))
    }
    let whole = ppm(Picture(width: 320, height: 200) { x, y in (UInt8(x % 256), UInt8(y), 0) })
    files.append((corruptName, Array(whole.prefix(whole.count / 2))))
    return files
  }

  static func write(to folder: FilePath) throws {
    try makeFolder(folder)
    for (name, bytes) in files { try writeFile(bytes, to: folder.appending(name)) }
  }

  static func ppm(_ picture: Picture) -> [UInt8] {
    Array("P6\n# a sample\n\(picture.width) \(picture.height)\n255\n".utf8) + picture.bytes
  }

  /// Of each pixel only the green.
  static func pgm(_ picture: Picture) -> [UInt8] {
    let green = stride(from: 1, to: picture.bytes.count, by: 3).map { picture.bytes[$0] }
    return Array("P5 \(picture.width) \(picture.height) 255\n".utf8) + green
  }

  static func bitmap(_ picture: Picture) -> [UInt8] {
    let padding = [UInt8](repeating: 0, count: (4 - 3 * picture.width % 4) % 4)
    var rows: [UInt8] = []
    for y in (0..<picture.height).reversed() {
      for x in 0..<picture.width {
        let start = 3 * (y * picture.width + x)
        rows += picture.bytes[start..<start + 3].reversed()
      }
      rows += padding
    }
    let sizes = [54 + rows.count, 0, 54, 40, picture.width, picture.height]
    let layout: [UInt8] = [1, 0, 24, 0]
    let rest = [0, rows.count, 2835, 2835, 0, 0]
    return Array("BM".utf8) + sizes.flatMap(littleEndian) + layout + rest.flatMap(littleEndian) + rows
  }

  private static func littleEndian(_ number: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}
