extension KeyedReader {
  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
    guard let value = try frame.presentMember(key) else { return nil }
    return try frame.bool(value, key)
  }

  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
    guard let value = try frame.presentMember(key) else { return nil }
    return try frame.string(value, key)
  }

  func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
    guard let value = try frame.presentMember(key) else { return nil }
    return try frame.double(value, key)
  }

  func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? {
    guard let value = try frame.presentMember(key) else { return nil }
    return try frame.float(value, key)
  }

  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
    guard let value = try frame.presentMember(key) else { return nil }
    return try frame.integer(type, value, key)
  }

  func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? {
    guard let value = try frame.presentMember(key) else { return nil }
    return try frame.integer(type, value, key)
  }

  func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? {
    guard let value = try frame.presentMember(key) else { return nil }
    return try frame.integer(type, value, key)
  }

  func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? {
    guard let value = try frame.presentMember(key) else { return nil }
    return try frame.integer(type, value, key)
  }

  func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
    guard let value = try frame.presentMember(key) else { return nil }
    return try frame.integer(type, value, key)
  }

  func decodeIfPresent(_ type: Int128.Type, forKey key: Key) throws -> Int128? {
    guard let value = try frame.presentMember(key) else { return nil }
    return try frame.integer(type, value, key)
  }

  func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? {
    guard let value = try frame.presentMember(key) else { return nil }
    return try frame.integer(type, value, key)
  }

  func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? {
    guard let value = try frame.presentMember(key) else { return nil }
    return try frame.integer(type, value, key)
  }

  func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? {
    guard let value = try frame.presentMember(key) else { return nil }
    return try frame.integer(type, value, key)
  }

  func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? {
    guard let value = try frame.presentMember(key) else { return nil }
    return try frame.integer(type, value, key)
  }

  func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? {
    guard let value = try frame.presentMember(key) else { return nil }
    return try frame.integer(type, value, key)
  }

  func decodeIfPresent(_ type: UInt128.Type, forKey key: Key) throws -> UInt128? {
    guard let value = try frame.presentMember(key) else { return nil }
    return try frame.integer(type, value, key)
  }
}
