/// The first sixteen bytes of a message, little-endian.
struct MessageHeader {
  /// "SPM" and the version of the format.
  static let magic: UInt32 = 0x014D_5053
  static let size = 16

  /// Where the value ends and the key table begins.
  var keyTableOffset: UInt32
  var keyCount: UInt32
  /// The whole message: a message cut short or run together with the next is found at once.
  var byteCount: UInt32

  func write(to base: UnsafeMutableRawPointer) {
    base.storeBytes(of: Self.magic.littleEndian, as: UInt32.self)
    base.storeBytes(of: keyTableOffset.littleEndian, toByteOffset: 4, as: UInt32.self)
    base.storeBytes(of: keyCount.littleEndian, toByteOffset: 8, as: UInt32.self)
    base.storeBytes(of: byteCount.littleEndian, toByteOffset: 12, as: UInt32.self)
  }

  init(keyTableOffset: UInt32, keyCount: UInt32, byteCount: UInt32) {
    self.keyTableOffset = keyTableOffset
    self.keyCount = keyCount
    self.byteCount = byteCount
  }

  /// Reads and checks a header.
  init(_ bytes: UnsafeRawBufferPointer, limits: MessageLimits) throws(Malformed) {
    guard bytes.count <= limits.byteCount else { throw Malformed("The message is larger than the limit.") }
    guard bytes.count > Self.size else { throw Malformed("The message is shorter than a header.") }
    func word(_ offset: Int) -> UInt32 {
      UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
    guard word(0) == Self.magic else { throw Malformed("This is no message of this version.") }
    self.init(keyTableOffset: word(4), keyCount: word(8), byteCount: word(12))
    guard Int(byteCount) == bytes.count else { throw Malformed("The message has the wrong length.") }
    guard keyTableOffset > Self.size, keyTableOffset <= byteCount else {
      throw Malformed("The key table lies outside the message.")
    }
    // Each key takes at least the byte of its length.
    guard keyCount <= byteCount - keyTableOffset, Int(keyCount) <= limits.keyCount else {
      throw Malformed("The message claims more keys than it holds.")
    }
  }
}
