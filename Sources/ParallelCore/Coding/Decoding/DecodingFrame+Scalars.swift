internal import SystemPackage

extension DecodingFrame {
  @inline(__always)
  func integer<T: FixedWidthInteger>(
    _ type: T.Type, _ value: WireValue, _ key: @autoclosure () -> (any CodingKey)?
  ) throws -> T {
    let number = try checked(key()) { () throws(Malformed) in try reader.integer(value, as: type) }
    return try unwrap(number, value, key())
  }

  @inline(__always)
  func double(_ value: WireValue, _ key: @autoclosure () -> (any CodingKey)?) throws -> Double {
    let number = try checked(key()) { () throws(Malformed) in try reader.double(value) }
    return try unwrap(number, value, key())
  }

  @inline(__always)
  func float(_ value: WireValue, _ key: @autoclosure () -> (any CodingKey)?) throws -> Float {
    let number = try checked(key()) { () throws(Malformed) in try reader.float(value) }
    return try unwrap(number, value, key())
  }

  @inline(__always)
  func bool(_ value: WireValue, _ key: @autoclosure () -> (any CodingKey)?) throws -> Bool {
    switch value.tag {
    case WireTag.true: return true
    case WireTag.false: return false
    default: throw mismatch(Bool.self, value, key())
    }
  }

  @inline(__always)
  func string(_ value: WireValue, _ key: @autoclosure () -> (any CodingKey)?) throws -> String {
    let string = try checked(key()) { () throws(Malformed) in try reader.string(value) }
    guard let string else { throw mismatch(String.self, value, key()) }
    return string
  }

  func path(_ value: WireValue, _ key: (any CodingKey)?) throws -> FilePath {
    guard value.tag == WireTag.path else { throw mismatch(FilePath.self, value, key) }
    let bytes = try checked(key) { () throws(Malformed) in
      try reader.bytes(value.payload + 4, count: try reader.word(value.payload))
    }
    guard !bytes.contains(0) else { throw corrupted("A file path contains a zero byte.", key) }
    var characters = bytes.map { CInterop.PlatformChar(bitPattern: $0) }
    characters.append(0)
    return characters.withUnsafeBufferPointer { FilePath(platformString: $0.baseAddress!) }
  }

  func descriptor(_ value: WireValue, _ key: (any CodingKey)?) throws -> FileDescriptor {
    guard value.tag == WireTag.descriptor else { throw mismatch(FileDescriptor.self, value, key) }
    return try checked(key) { () throws(Malformed) in
      try session.takeDescriptor(try reader.word(value.payload))
    }
  }

  @inline(__always)
  private func unwrap<T>(
    _ number: WireReader.Number<T>, _ value: WireValue, _ key: @autoclosure () -> (any CodingKey)?
  ) throws -> T {
    switch number {
    case .value(let result): return result
    case .outOfRange: throw corrupted("The number does not fit \(T.self).", key())
    case .notANumber: throw mismatch(T.self, value, key())
    }
  }
}
