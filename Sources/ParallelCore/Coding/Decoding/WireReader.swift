/// A value's tag and the place of its payload. For an element of a packed array the tag is the array's.
struct WireValue {
  var tag: UInt8
  var payload: Int
}

/// Bounds-checked access to the bytes of a message. Nothing is believed: every read checks against the end, so the
/// worst that malformed bytes can do is throw.
struct WireReader {
  /// Valid until the decode call returns; then `close` makes every later read throw.
  private var base: UnsafeRawPointer
  /// The end of the body.
  private(set) var end: Int

  init(base: UnsafeRawPointer, end: Int) {
    self.base = base
    self.end = end
  }

  /// Has no bytes.
  static var closed: WireReader {
    WireReader(base: UnsafeRawPointer(bitPattern: 16).unsafelyUnwrapped, end: 0)
  }

  /// Ends access to the bytes, since their owner may free them.
  mutating func close() { end = 0 }

  @inline(__always)
  func load<T: BitwiseCopyable>(_ offset: Int, as type: T.Type) throws(Malformed) -> T {
    guard offset >= 0, offset <= end - MemoryLayout<T>.size else { throw Self.truncated }
    return base.loadUnaligned(fromByteOffset: offset, as: T.self)
  }

  @inline(__always)
  func word(_ offset: Int) throws(Malformed) -> Int {
    Int(UInt32(littleEndian: try load(offset, as: UInt32.self)))
  }

  /// The bytes of a payload.
  @inline(__always)
  func bytes(_ offset: Int, count: Int) throws(Malformed) -> UnsafeRawBufferPointer {
    guard offset >= 0, count >= 0, offset <= end, count <= end - offset else { throw Self.truncated }
    return UnsafeRawBufferPointer(start: base + offset, count: count)
  }

  /// A number of seven bits a byte; moves the offset behind it.
  @inline(__always)
  func variable(_ offset: inout Int) throws(Malformed) -> Int {
    var value = 0
    var shift = 0
    while shift < 35 {
      let byte = try load(offset, as: UInt8.self)
      offset += 1
      value |= Int(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw Malformed("A number is too long.")
  }

  static let truncated = Malformed("The message ends in the middle of a value.")
}

// MARK: - Values

extension WireReader {
  @inline(__always)
  func value(_ offset: Int) throws(Malformed) -> WireValue {
    WireValue(tag: try load(offset, as: UInt8.self), payload: offset + 1)
  }

  /// Where the value ends; it ends inside the body.
  @inline(__always)
  func end(of value: WireValue) throws(Malformed) -> Int {
    let valueEnd: Int
    if let size = WireTag.fixedSize(value.tag) {
      valueEnd = value.payload + size
    } else {
      valueEnd = try variableEnd(of: value)
    }
    guard valueEnd <= end else { throw Self.truncated }
    return valueEnd
  }

  private func variableEnd(of value: WireValue) throws(Malformed) -> Int {
    switch value.tag {
    case WireTag.string, WireTag.path:
      return value.payload + 4 + (try word(value.payload))
    case WireTag.keyed, WireTag.map, WireTag.unkeyed:
      return value.payload + WireTag.countsSize + (try word(value.payload))
    case WireTag.packed:
      let tag = try load(value.payload, as: UInt8.self)
      guard WireTag.isPackable(tag), let size = WireTag.fixedSize(tag) else {
        throw Malformed("A packed array has elements of an unknown kind.")
      }
      return value.payload + 5 + size * (try word(value.payload + 1))
    default: throw Malformed("A value is of an unknown kind.")
    }
  }

  /// The extent of a keyed, map or unkeyed container. Its count is possible for its size.
  @inline(__always)
  func container(_ value: WireValue, smallestElement: Int) throws(Malformed) -> WireContainer {
    let valueEnd = try end(of: value)
    let start = value.payload + WireTag.countsSize
    let count = try word(value.payload + 4)
    guard count <= (valueEnd - start) / smallestElement else {
      throw Malformed("A container claims more elements than it holds.")
    }
    guard count > 0 || start == valueEnd else { throw Malformed("An empty container has bytes.") }
    return WireContainer(start: start, end: valueEnd, count: count)
  }
}

/// Where the elements of a container lie.
struct WireContainer {
  var start: Int
  var end: Int
  var count: Int
}
