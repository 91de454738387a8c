/// The first byte of every value: what follows, and for the smallest values all there is.
///
/// A raw byte rather than an enum, since a third of the range carries a value in its low bits.
enum WireTag {
  static let null: UInt8 = 0x00
  static let `false`: UInt8 = 0x01
  static let `true`: UInt8 = 0x02

  static let int8: UInt8 = 0x03
  static let int16: UInt8 = 0x04
  static let int32: UInt8 = 0x05
  static let int64: UInt8 = 0x06
  static let int128: UInt8 = 0x07
  static let uint8: UInt8 = 0x08
  static let uint16: UInt8 = 0x09
  static let uint32: UInt8 = 0x0A
  static let uint64: UInt8 = 0x0B
  static let uint128: UInt8 = 0x0C
  static let float: UInt8 = 0x0D
  static let double: UInt8 = 0x0E

  /// Byte count (4), UTF-8.
  static let string: UInt8 = 0x10
  /// Byte count (4), the path's bytes.
  static let path: UInt8 = 0x11
  /// Index (4) into the message's descriptors.
  static let descriptor: UInt8 = 0x12

  /// Byte count (4), element count (4), then pairs of key number and value.
  static let keyed: UInt8 = 0x20
  /// Byte count (4), element count (4), then pairs of string and value.
  static let map: UInt8 = 0x21
  /// Byte count (4), element count (4), then values.
  static let unkeyed: UInt8 = 0x22
  /// Tag of the elements, element count (4), then the elements' payloads as they lie in memory.
  static let packed: UInt8 = 0x23

  /// 0x40…0x7F: a string of 0…63 bytes, which follow.
  static let shortString: UInt8 = 0x40
  static let longestShortString = 63
  /// 0x80…0xFF: an integer 0…127.
  static let smallInteger: UInt8 = 0x80

  /// The bytes of a container's counts.
  static let countsSize = 8

  /// The payload's size where the tag alone decides it.
  @inline(__always)
  static func fixedSize(_ tag: UInt8) -> Int? {
    if tag >= smallInteger { return 0 }
    if tag >= shortString { return Int(tag & 0x3F) }
    switch tag {
    case null, `false`, `true`: return 0
    case int8, uint8: return 1
    case int16, uint16: return 2
    case int32, uint32, float, descriptor: return 4
    case int64, uint64, double: return 8
    case int128, uint128: return 16
    default: return nil
    }
  }

  /// Whether a packed array may have elements of this kind.
  static func isPackable(_ tag: UInt8) -> Bool {
    tag >= int8 && tag <= double && tag != int128 && tag != uint128
  }

  /// The tag in words, for error messages.
  static func name(_ tag: UInt8) -> String {
    if tag >= smallInteger { return "an integer" }
    if tag >= shortString { return "a string" }
    switch tag {
    case null: return "nil"
    case `false`, `true`: return "a Boolean"
    case int8...uint128: return "an integer"
    case float, double: return "a floating-point number"
    case string: return "a string"
    case path: return "a file path"
    case descriptor: return "a file descriptor"
    case keyed, map: return "a keyed container"
    case unkeyed, packed: return "an unkeyed container"
    default: return "an unknown kind of value (\(tag))"
    }
  }
}
