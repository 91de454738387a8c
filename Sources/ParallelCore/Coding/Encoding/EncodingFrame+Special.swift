internal import SystemPackage

extension EncodingFrame {
  /// Writes the value of an element that was begun after `mark`. What can't be encoded leaves no trace.
  @inline(__always)
  func put<T: Encodable>(_ value: T, _ step: @autoclosure () -> PathStep, undoingTo mark: Mark) throws {
    do {
      let special = session.entry(of: T.self).pointee.special
      if case .none = special {
        try encodeInside(value, step())
      } else {
        do { try putSpecial(value, special) } catch { throw unencodable(value, step().key, error) }
      }
    } catch {
      rewind(to: mark)
      throw error
    }
  }

  /// Writes a value of the coder's own types, which is all of the frame's value.
  @inline(__always)
  func encodeSpecial<T: Encodable>(_ value: T) throws {
    do {
      try putSpecial(value, session.entry(of: T.self).pointee.special)
    } catch {
      throw unencodable(value, nil, error)
    }
    try close(as: .single)
  }

  private func putSpecial<T>(_ value: T, _ special: SpecialType) throws {
    switch special {
    case .none: break
    case .string: buffer.write(reinterpret(value, as: String.self))
    case .bool: buffer.write(reinterpret(value, as: Bool.self))
    case .double: buffer.write(reinterpret(value, as: Double.self))
    case .float: buffer.write(reinterpret(value, as: Float.self))
    case .int: buffer.write(integer: reinterpret(value, as: Int.self))
    case .int8: buffer.write(integer: reinterpret(value, as: Int8.self))
    case .int16: buffer.write(integer: reinterpret(value, as: Int16.self))
    case .int32: buffer.write(integer: reinterpret(value, as: Int32.self))
    case .int64: buffer.write(integer: reinterpret(value, as: Int64.self))
    case .int128: buffer.write(integer: reinterpret(value, as: Int128.self))
    case .uint: buffer.write(integer: reinterpret(value, as: UInt.self))
    case .uint8: buffer.write(integer: reinterpret(value, as: UInt8.self))
    case .uint16: buffer.write(integer: reinterpret(value, as: UInt16.self))
    case .uint32: buffer.write(integer: reinterpret(value, as: UInt32.self))
    case .uint64: buffer.write(integer: reinterpret(value, as: UInt64.self))
    case .uint128: buffer.write(integer: reinterpret(value, as: UInt128.self))
    case .path: put(path: reinterpret(value, as: FilePath.self))
    case .descriptor:
      let index = try session.add(reinterpret(value, as: FileDescriptor.self))
      buffer.write(tag: WireTag.descriptor, index.littleEndian)
    case .strings, .stringToInt, .stringToString, .stringToDouble:
      try putCollection(value, special)
    default: try putPacked(value, special)
    }
  }

  private func putCollection<T>(_ value: T, _ special: SpecialType) throws {
    guard depth < session.limits.depth else { throw Malformed("The value is nested too deeply.") }
    switch special {
    case .strings:
      let strings = reinterpret(value, as: [String].self)
      try check(strings.count)
      buffer.write(strings: strings)
    case .stringToInt:
      let map = reinterpret(value, as: [String: Int].self)
      try check(map.count)
      buffer.write(map: map) { buffer.write(integer: $0) }
    case .stringToString:
      let map = reinterpret(value, as: [String: String].self)
      try check(map.count)
      buffer.write(map: map) { buffer.write($0) }
    default:
      let map = reinterpret(value, as: [String: Double].self)
      try check(map.count)
      buffer.write(map: map) { buffer.write($0) }
    }
  }

  private func putPacked<T>(_ value: T, _ special: SpecialType) throws {
    guard depth < session.limits.depth else { throw Malformed("The value is nested too deeply.") }
    switch special {
    case .bytes: try put(packed: reinterpret(value, as: [UInt8].self))
    case .int8s: try put(packed: reinterpret(value, as: [Int8].self))
    case .int16s: try put(packed: reinterpret(value, as: [Int16].self))
    case .int32s: try put(packed: reinterpret(value, as: [Int32].self))
    case .int64s: try put(packed: reinterpret(value, as: [Int64].self))
    case .ints: try put(packed: reinterpret(value, as: [Int].self))
    case .uint16s: try put(packed: reinterpret(value, as: [UInt16].self))
    case .uint32s: try put(packed: reinterpret(value, as: [UInt32].self))
    case .uint64s: try put(packed: reinterpret(value, as: [UInt64].self))
    case .uints: try put(packed: reinterpret(value, as: [UInt].self))
    case .floats: try put(packed: reinterpret(value, as: [Float].self))
    default: try put(packed: reinterpret(value, as: [Double].self))
    }
  }

  private func put<E: Packable>(packed values: [E]) throws {
    try check(values.count)
    buffer.write(packed: values)
  }

  private func put(path: FilePath) {
    path.withPlatformString { pointer in
      let bytes = UnsafeRawBufferPointer(start: pointer, count: path.length)
      buffer.write(tag: WireTag.path, UInt32(truncatingIfNeeded: bytes.count).littleEndian)
      buffer.write(raw: bytes)
    }
  }

  private func check(_ count: Int) throws {
    guard count <= session.limits.elementCount else {
      throw Malformed("A container has more elements than the limit allows.")
    }
  }

  private func unencodable(_ value: Any, _ key: (any CodingKey)?, _ error: any Error) -> EncodingError {
    let path = codingPath + (key.map { [$0] } ?? [])
    guard let malformed = error as? Malformed else {
      return .invalidValue(
        value,
        .init(
          codingPath: path, debugDescription: "The file descriptor could not be duplicated.",
          underlyingError: error))
    }
    return .invalidValue(value, .init(codingPath: path, debugDescription: "\(malformed.reason)"))
  }
}
