extension ByteBuffer {
  @inline(__always)
  func write(byte: UInt8) {
    extend(by: 1).storeBytes(of: byte, as: UInt8.self)
  }

  @inline(__always)
  func write(word: UInt32) {
    extend(by: 4).storeBytes(of: word.littleEndian, as: UInt32.self)
  }

  /// A tag and its payload.
  @inline(__always)
  func write<T: BitwiseCopyable>(tag: UInt8, _ payload: T) {
    let target = extend(by: 1 + MemoryLayout<T>.size)
    target.storeBytes(of: tag, as: UInt8.self)
    target.storeBytes(of: payload, toByteOffset: 1, as: T.self)
  }

  /// Seven bits a byte, lowest first.
  @inline(__always)
  func write(variable value: Int) {
    if value < 0x80 {
      write(byte: UInt8(truncatingIfNeeded: value))
    } else {
      _ = Self.store(variable: value, to: extend(by: Self.variableSize(value)))
    }
  }

  /// Writes a number of seven bits a byte; the result is the address behind it.
  static func store(variable value: Int, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    var target = target
    var rest = UInt(bitPattern: value)
    while rest >= 0x80 {
      target.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
      target += 1
      rest >>= 7
    }
    target.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
    return target + 1
  }

  static func variableSize(_ value: Int) -> Int {
    max(1, (Int.bitWidth - value.leadingZeroBitCount + 6) / 7)
  }

  @inline(__always)
  func write(_ value: Bool) {
    write(byte: value ? WireTag.true : WireTag.false)
  }

  @inline(__always)
  func write(_ value: Float) { write(tag: WireTag.float, value.bitPattern.littleEndian) }

  @inline(__always)
  func write(_ value: Double) { write(tag: WireTag.double, value.bitPattern.littleEndian) }

  /// An integer in the fewest bytes, whatever its type.
  @inline(__always)
  func write<T: FixedWidthInteger>(integer value: T) {
    if let narrow = Int64(exactly: value) {
      write(int64: narrow)
    } else if let unsigned = UInt64(exactly: value) {
      write(tag: WireTag.uint64, unsigned.littleEndian)
    } else if let wide = Int128(exactly: value) {
      write(tag: WireTag.int128, wide.littleEndian)
    } else {
      write(tag: WireTag.uint128, UInt128(truncatingIfNeeded: value).littleEndian)
    }
  }

  @inline(__always)
  private func write(int64 value: Int64) {
    if value >= 0 && value < 0x80 {
      write(byte: WireTag.smallInteger | UInt8(truncatingIfNeeded: value))
    } else if let value = Int8(exactly: value) {
      write(tag: WireTag.int8, value)
    } else if let value = Int16(exactly: value) {
      write(tag: WireTag.int16, value.littleEndian)
    } else if let value = Int32(exactly: value) {
      write(tag: WireTag.int32, value.littleEndian)
    } else {
      write(tag: WireTag.int64, value.littleEndian)
    }
  }

  func write(_ value: String) {
    var value = value
    let isLarge = value.withUTF8 { bytes in
      if bytes.count <= WireTag.longestShortString {
        write(byte: WireTag.shortString | UInt8(truncatingIfNeeded: bytes.count))
      } else {
        write(tag: WireTag.string, UInt32(truncatingIfNeeded: bytes.count).littleEndian)
        if bytes.count >= Self.blockThreshold { return true }
      }
      write(raw: UnsafeRawBufferPointer(bytes))
      return false
    }
    guard isLarge else { return }
    addBlock(byteCount: value.utf8.count) { [value] body in
      var value = value
      value.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
  }

  @inline(__always)
  func write(raw bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    extend(by: bytes.count).copyMemory(from: source, byteCount: bytes.count)
  }

  func write<T: Packable>(packed values: [T]) {
    write(tag: WireTag.packed, T.packedTag)
    write(word: UInt32(truncatingIfNeeded: values.count))
    let byteCount = values.count * MemoryLayout<T>.stride
    if byteCount < Self.blockThreshold {
      values.withUnsafeBytes { write(raw: $0) }
    } else {
      addBlock(byteCount: byteCount) { body in values.withUnsafeBytes { body($0) } }
    }
  }
}
