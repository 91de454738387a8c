extension WireReader {
  enum Number<T> {
    case value(T)
    case outOfRange
    case notANumber
  }

  /// An integer of whatever width was written.
  @inline(__always)
  func integer<T: FixedWidthInteger>(_ value: WireValue, as type: T.Type) throws(Malformed) -> Number<T> {
    if value.tag >= WireTag.smallInteger { return .value(T(truncatingIfNeeded: value.tag & 0x7F)) }
    return try wideInteger(value, as: type)
  }

  func wideInteger<T: FixedWidthInteger>(_ value: WireValue, as type: T.Type) throws(Malformed) -> Number<T> {
    @inline(__always)
    func read<S: FixedWidthInteger & BitwiseCopyable>(_ source: S.Type) throws(Malformed) -> Number<T> {
      let stored = S(littleEndian: try load(value.payload, as: S.self))
      guard let result = T(exactly: stored) else { return .outOfRange }
      return .value(result)
    }
    switch value.tag {
    case WireTag.int8: return try read(Int8.self)
    case WireTag.int16: return try read(Int16.self)
    case WireTag.int32: return try read(Int32.self)
    case WireTag.int64: return try read(Int64.self)
    case WireTag.int128: return try read(Int128.self)
    case WireTag.uint8: return try read(UInt8.self)
    case WireTag.uint16: return try read(UInt16.self)
    case WireTag.uint32: return try read(UInt32.self)
    case WireTag.uint64: return try read(UInt64.self)
    case WireTag.uint128: return try read(UInt128.self)
    default: return .notANumber
    }
  }

  /// A `Double`, or a `Float` widened without loss.
  @inline(__always)
  func double(_ value: WireValue) throws(Malformed) -> Number<Double> {
    switch value.tag {
    case WireTag.double:
      return .value(Double(bitPattern: UInt64(littleEndian: try load(value.payload, as: UInt64.self))))
    case WireTag.float: return .value(Double(try loadFloat(value.payload)))
    default: return .notANumber
    }
  }

  /// A `Float`, or a `Double` that a `Float` represents exactly.
  @inline(__always)
  func float(_ value: WireValue) throws(Malformed) -> Number<Float> {
    switch value.tag {
    case WireTag.float: return .value(try loadFloat(value.payload))
    case WireTag.double:
      let bits = UInt64(littleEndian: try load(value.payload, as: UInt64.self))
      let wide = Double(bitPattern: bits)
      guard wide.isNaN || Double(Float(wide)) == wide else { return .outOfRange }
      return .value(Float(wide))
    default: return .notANumber
    }
  }

  private func loadFloat(_ offset: Int) throws(Malformed) -> Float {
    Float(bitPattern: UInt32(littleEndian: try load(offset, as: UInt32.self)))
  }

  /// A string, or nil if the value is none.
  @inline(__always)
  func string(_ value: WireValue) throws(Malformed) -> String? {
    let bytes: UnsafeRawBufferPointer
    if value.tag >= WireTag.shortString && value.tag < WireTag.smallInteger {
      bytes = try self.bytes(value.payload, count: Int(value.tag & 0x3F))
    } else if value.tag == WireTag.string {
      bytes = try self.bytes(value.payload + 4, count: try word(value.payload))
    } else {
      return nil
    }
    return try Self.text(bytes)
  }

  @inline(__always)
  static func text(_ bytes: UnsafeRawBufferPointer) throws(Malformed) -> String {
    let span = Span<UInt8>(_unsafeBytes: bytes)
    do {
      return String(copying: try UTF8Span(validating: span))
    } catch {
      throw Malformed("A string is not valid UTF-8.")
    }
  }

  /// The array, if it was packed from the same kind of number.
  func packed<T: Packable>(_ value: WireValue, of type: T.Type) throws(Malformed) -> [T]? {
    guard value.tag == WireTag.packed, try load(value.payload, as: UInt8.self) == T.packedTag else {
      return nil
    }
    let count = try word(value.payload + 1)
    let source = try bytes(value.payload + 5, count: count * MemoryLayout<T>.stride)
    return [T](unsafeUninitializedCapacity: count) { target, initialized in
      SystemCalls.preferLargePages(UnsafeMutableRawBufferPointer(target))
      // Sound because `source` holds exactly `count` elements and every bit pattern is a number.
      UnsafeMutableRawBufferPointer(target).copyMemory(from: source)
      initialized = count
    }
  }
}
