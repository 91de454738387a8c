extension UnkeyedReader {
  mutating func decode(_ type: Bool.Type) throws -> Bool {
    let (value, end) = try peek(type)
    let result = try frame.bool(value, key)
    advance(to: end)
    return result
  }

  mutating func decode(_ type: String.Type) throws -> String {
    let (value, end) = try peek(type)
    let result = try frame.string(value, key)
    advance(to: end)
    return result
  }

  mutating func decode(_ type: Double.Type) throws -> Double {
    let (value, end) = try peek(type)
    let result = try frame.double(value, key)
    advance(to: end)
    return result
  }

  mutating func decode(_ type: Float.Type) throws -> Float {
    let (value, end) = try peek(type)
    let result = try frame.float(value, key)
    advance(to: end)
    return result
  }

  mutating func decode(_ type: Int.Type) throws -> Int {
    let (value, end) = try peek(type)
    let result = try frame.integer(type, value, key)
    advance(to: end)
    return result
  }

  mutating func decode(_ type: Int8.Type) throws -> Int8 {
    let (value, end) = try peek(type)
    let result = try frame.integer(type, value, key)
    advance(to: end)
    return result
  }

  mutating func decode(_ type: Int16.Type) throws -> Int16 {
    let (value, end) = try peek(type)
    let result = try frame.integer(type, value, key)
    advance(to: end)
    return result
  }

  mutating func decode(_ type: Int32.Type) throws -> Int32 {
    let (value, end) = try peek(type)
    let result = try frame.integer(type, value, key)
    advance(to: end)
    return result
  }

  mutating func decode(_ type: Int64.Type) throws -> Int64 {
    let (value, end) = try peek(type)
    let result = try frame.integer(type, value, key)
    advance(to: end)
    return result
  }

  mutating func decode(_ type: Int128.Type) throws -> Int128 {
    let (value, end) = try peek(type)
    let result = try frame.integer(type, value, key)
    advance(to: end)
    return result
  }

  mutating func decode(_ type: UInt.Type) throws -> UInt {
    let (value, end) = try peek(type)
    let result = try frame.integer(type, value, key)
    advance(to: end)
    return result
  }

  mutating func decode(_ type: UInt8.Type) throws -> UInt8 {
    let (value, end) = try peek(type)
    let result = try frame.integer(type, value, key)
    advance(to: end)
    return result
  }

  mutating func decode(_ type: UInt16.Type) throws -> UInt16 {
    let (value, end) = try peek(type)
    let result = try frame.integer(type, value, key)
    advance(to: end)
    return result
  }

  mutating func decode(_ type: UInt32.Type) throws -> UInt32 {
    let (value, end) = try peek(type)
    let result = try frame.integer(type, value, key)
    advance(to: end)
    return result
  }

  mutating func decode(_ type: UInt64.Type) throws -> UInt64 {
    let (value, end) = try peek(type)
    let result = try frame.integer(type, value, key)
    advance(to: end)
    return result
  }

  mutating func decode(_ type: UInt128.Type) throws -> UInt128 {
    let (value, end) = try peek(type)
    let result = try frame.integer(type, value, key)
    advance(to: end)
    return result
  }
}
