import Testing

@testable import Thumbnails

@Suite struct PictureTests {
  private func noise(_ width: Int, _ height: Int) -> Picture {
    Picture(width: width, height: height) { x, y in
      (UInt8((7 * x + y) % 256), UInt8((x + 11 * y) % 256), UInt8((3 * x * y) % 256))
    }
  }

  /// Widths that need all kinds of padding in a bitmap.
  @Test(arguments: 1...9) func whatIsWrittenCanBeRead(width: Int) throws {
    let picture = noise(width, 5)
    #expect(try Picture(decoding: Samples.ppm(picture)) == picture)
    #expect(try Picture(decoding: Samples.bitmap(picture)) == picture)
    let gray = Picture(width: width, height: 5) { x, y in
      let green = UInt8((x + 11 * y) % 256)
      return (green, green, green)
    }
    #expect(try Picture(decoding: Samples.pgm(picture)) == gray)
  }

  @Test func bitmapsMayStandOnTheirHeads() throws {
    let picture = noise(4, 2)
    var bytes = Samples.bitmap(picture)
    // The height, as a negative number.
    bytes.replaceSubrange(22..<26, with: [0xFE, 0xFF, 0xFF, 0xFF])
    let flipped = Picture(
      width: 4, height: 2, bytes: Array(picture.bytes[12...] + picture.bytes[..<12]))
    #expect(try Picture(decoding: bytes) == flipped)
  }

  @Test func samplesOfOtherDepthsAreStretched() throws {
    let picture = try Picture(decoding: Array("P5\t2 # two\n1\r\n3\n".utf8) + [0, 3])
    #expect(picture.bytes == [0, 0, 0, 255, 255, 255])
  }

  @Test(arguments: ["", "P", "P3 1 1 255\n0 0 0", "GIF89a", "P5 0 1 255\n", "P6 1 1 65535\n"])
  func whatIsNoPictureIsAnError(text: String) {
    #expect(throws: NotAPicture.self) { try Picture(decoding: Array(text.utf8)) }
  }

  @Test func otherBitmapsAreErrors() {
    var bytes = Samples.bitmap(noise(2, 2))
    bytes[28] = 8
    #expect(throws: NotAPicture.self) { try Picture(decoding: bytes) }
    bytes[28] = 24
    bytes[30] = 1
    #expect(throws: NotAPicture.self) { try Picture(decoding: bytes) }
  }

  @Test func aSmallerPictureHasTheMeansOfItsPixels() {
    let picture = Picture(width: 4, height: 2) { x, y in (UInt8(10 * x), UInt8(100 * y), 7) }
    #expect(picture.scaled(toFit: 2) == Picture(width: 2, height: 1, bytes: [5, 50, 7, 25, 50, 7]))
    #expect(picture.scaled(toFit: 4) == picture)
    let thin = noise(1000, 1).scaled(toFit: 10)
    #expect(thin.width == 10 && thin.height == 1)
  }

  @Test func checksumsAreTheStandardOnes() {
    #expect(PNGEncoder.crc32(Array("123456789".utf8)) == 0xCBF4_3926)
    #expect(PNGEncoder.adler32(Array("Wikipedia".utf8)) == 0x11E6_0398)
  }

  /// The second is larger than one stored block.
  @Test(arguments: [(1, 1), (300, 200)]) func aPNGHoldsThePicture(width: Int, height: Int) throws {
    let picture = noise(width, height)
    #expect(try StoredPNG(PNGEncoder.encode(picture)).picture == picture)
  }
}
