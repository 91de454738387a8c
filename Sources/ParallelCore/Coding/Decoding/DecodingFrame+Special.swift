internal import SystemPackage

extension DecodingFrame {
  /// Decodes a value of any type: the coder's own types here, all others through their `init(from:)`.
  func get<T: Decodable>(
    _ type: T.Type, _ value: WireValue, _ step: @autoclosure () -> PathStep
  ) throws -> T {
    let special = session.entry(of: T.self).pointee.special
    if case .none = special { return try decodeInside(type, value, step()) }
    return try getSpecial(type, special, value, step())
  }

  private func getSpecial<T: Decodable>(
    _ type: T.Type, _ special: SpecialType, _ value: WireValue, _ step: PathStep
  ) throws -> T {
    // Only looked at when something is wrong.
    func key() -> (any CodingKey)? { step.key }
    switch special {
    case .none: return try decodeInside(type, value, step)
    case .string: return reinterpret(try string(value, key()))
    case .bool: return reinterpret(try bool(value, key()))
    case .double: return reinterpret(try double(value, key()))
    case .float: return reinterpret(try float(value, key()))
    case .int: return reinterpret(try integer(Int.self, value, key()))
    case .int8: return reinterpret(try integer(Int8.self, value, key()))
    case .int16: return reinterpret(try integer(Int16.self, value, key()))
    case .int32: return reinterpret(try integer(Int32.self, value, key()))
    case .int64: return reinterpret(try integer(Int64.self, value, key()))
    case .int128: return reinterpret(try integer(Int128.self, value, key()))
    case .uint: return reinterpret(try integer(UInt.self, value, key()))
    case .uint8: return reinterpret(try integer(UInt8.self, value, key()))
    case .uint16: return reinterpret(try integer(UInt16.self, value, key()))
    case .uint32: return reinterpret(try integer(UInt32.self, value, key()))
    case .uint64: return reinterpret(try integer(UInt64.self, value, key()))
    case .uint128: return reinterpret(try integer(UInt128.self, value, key()))
    case .path: return reinterpret(try path(value, key()))
    case .descriptor: return reinterpret(try descriptor(value, key()))
    default: return try collection(type, special, value, step)
    }
  }

  /// What was not written by the fast path of the same type is read element by element.
  private func collection<T: Decodable>(
    _ type: T.Type, _ special: SpecialType, _ value: WireValue, _ step: PathStep
  ) throws -> T {
    let key = step.key
    guard depth < session.limits.depth else { throw corrupted("The value is nested too deeply.", key) }
    let fast: T? =
      switch special {
      case .bytes: try packed([UInt8].self, value, key)
      case .int8s: try packed([Int8].self, value, key)
      case .int16s: try packed([Int16].self, value, key)
      case .int32s: try packed([Int32].self, value, key)
      case .int64s: try packed([Int64].self, value, key)
      case .ints: try packed([Int].self, value, key)
      case .uint16s: try packed([UInt16].self, value, key)
      case .uint32s: try packed([UInt32].self, value, key)
      case .uint64s: try packed([UInt64].self, value, key)
      case .uints: try packed([UInt].self, value, key)
      case .floats: try packed([Float].self, value, key)
      case .doubles: try packed([Double].self, value, key)
      case .strings: try strings(value, key).map { reinterpret($0, as: T.self) }
      case .stringToInt:
        try map(value, key) { try self.integer(Int.self, $0, $1) }.map { reinterpret($0, as: T.self) }
      case .stringToString:
        try map(value, key) { try self.string($0, $1) }.map { reinterpret($0, as: T.self) }
      case .stringToDouble:
        try map(value, key) { try self.double($0, $1) }.map { reinterpret($0, as: T.self) }
      default: nil
      }
    return try fast ?? decodeInside(type, value, step)
  }

  private func packed<E: Packable, T>(
    _ type: [E].Type, _ value: WireValue, _ key: (any CodingKey)?
  ) throws -> T? {
    guard value.tag == WireTag.packed else { return nil }
    let array = try checked(key) { () throws(Malformed) in try reader.packed(value, of: E.self) }
    guard let array else { return nil }
    guard array.count <= session.limits.elementCount else { throw tooManyElements(key) }
    return reinterpret(array, as: T.self)
  }

  private func strings(_ value: WireValue, _ key: (any CodingKey)?) throws -> [String]? {
    guard value.tag == WireTag.unkeyed else { return nil }
    let container = try checked(key) { () throws(Malformed) in
      try reader.container(value, smallestElement: 1)
    }
    guard container.count <= session.limits.elementCount else { throw tooManyElements(key) }
    var strings: [String] = []
    strings.reserveCapacity(container.count)
    var offset = container.start
    for index in 0..<container.count {
      let element = try checked(key) { () throws(Malformed) in
        let element = try reader.value(offset)
        offset = try reader.end(of: element)
        return element
      }
      guard let string = try checked(key, { () throws(Malformed) in try reader.string(element) }) else {
        let context = DecodingError.Context(
          codingPath: path(to: key) + [PathKey(index: index)],
          debugDescription: "Expected String but found \(WireTag.name(element.tag)).")
        throw element.tag == WireTag.null
          ? DecodingError.valueNotFound(String.self, context) : .typeMismatch(String.self, context)
      }
      strings.append(string)
    }
    guard offset == container.end else { throw corrupted("An element reaches beyond its container.", key) }
    return strings
  }

  private func map<Value>(
    _ value: WireValue, _ key: (any CodingKey)?,
    _ decodeValue: (WireValue, (any CodingKey)?) throws -> Value
  ) throws -> [String: Value]? {
    guard value.tag == WireTag.map else { return nil }
    let container = try checked(key) { () throws(Malformed) in
      try reader.container(value, smallestElement: 2)
    }
    guard container.count <= session.limits.elementCount else { throw tooManyElements(key) }
    var map: [String: Value] = [:]
    map.reserveCapacity(container.count)
    var offset = container.start
    for _ in 0..<container.count {
      let (name, element) = try checked(key) { () throws(Malformed) in
        let nameValue = try reader.value(offset)
        guard let name = try reader.string(nameValue) else { throw Malformed("A key is no string.") }
        let element = try reader.value(try reader.end(of: nameValue))
        offset = try reader.end(of: element)
        return (name, element)
      }
      let decoded = try decodeValue(element, key)
      guard map.updateValue(decoded, forKey: name) == nil else {
        throw corrupted("A container has a key twice.", key)
      }
    }
    guard offset == container.end else { throw corrupted("A member reaches beyond its container.", key) }
    return map
  }

  func tooManyElements(_ key: (any CodingKey)?) -> DecodingError {
    corrupted("A container has more elements than the limit allows.", key)
  }
}
