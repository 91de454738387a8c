extension KeyedReader {
  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
    try frame.bool(frame.requiredMember(key), key)
  }

  func decode(_ type: String.Type, forKey key: Key) throws -> String {
    try frame.string(frame.requiredMember(key), key)
  }

  func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
    try frame.double(frame.requiredMember(key), key)
  }

  func decode(_ type: Float.Type, forKey key: Key) throws -> Float {
    try frame.float(frame.requiredMember(key), key)
  }

  func decode(_ type: Int.Type, forKey key: Key) throws -> Int {
    try frame.integer(type, frame.requiredMember(key), key)
  }

  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 {
    try frame.integer(type, frame.requiredMember(key), key)
  }

  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 {
    try frame.integer(type, frame.requiredMember(key), key)
  }

  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 {
    try frame.integer(type, frame.requiredMember(key), key)
  }

  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 {
    try frame.integer(type, frame.requiredMember(key), key)
  }

  func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 {
    try frame.integer(type, frame.requiredMember(key), key)
  }

  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt {
    try frame.integer(type, frame.requiredMember(key), key)
  }

  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 {
    try frame.integer(type, frame.requiredMember(key), key)
  }

  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 {
    try frame.integer(type, frame.requiredMember(key), key)
  }

  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 {
    try frame.integer(type, frame.requiredMember(key), key)
  }

  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 {
    try frame.integer(type, frame.requiredMember(key), key)
  }

  func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 {
    try frame.integer(type, frame.requiredMember(key), key)
  }
}
