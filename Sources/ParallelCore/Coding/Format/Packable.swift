/// A number whose arrays travel as they lie in memory. Only the numbers of the standard library conform.
protocol Packable: BitwiseCopyable {
  /// The tag of an element.
  static var packedTag: UInt8 { get }
}

extension Int8: Packable { static var packedTag: UInt8 { WireTag.int8 } }
extension Int16: Packable { static var packedTag: UInt8 { WireTag.int16 } }
extension Int32: Packable { static var packedTag: UInt8 { WireTag.int32 } }
extension Int64: Packable { static var packedTag: UInt8 { WireTag.int64 } }
extension Int: Packable { static var packedTag: UInt8 { WireTag.int64 } }
extension UInt8: Packable { static var packedTag: UInt8 { WireTag.uint8 } }
extension UInt16: Packable { static var packedTag: UInt8 { WireTag.uint16 } }
extension UInt32: Packable { static var packedTag: UInt8 { WireTag.uint32 } }
extension UInt64: Packable { static var packedTag: UInt8 { WireTag.uint64 } }
extension UInt: Packable { static var packedTag: UInt8 { WireTag.uint64 } }
extension Float: Packable { static var packedTag: UInt8 { WireTag.float } }
extension Double: Packable { static var packedTag: UInt8 { WireTag.double } }
