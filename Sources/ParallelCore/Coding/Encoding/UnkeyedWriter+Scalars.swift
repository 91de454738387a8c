extension UnkeyedWriter {
  mutating func encodeNil() throws {
    try frame.beginElement(of: .unkeyed)
    frame.buffer.write(byte: WireTag.null)
  }

  mutating func encode(_ value: Bool) throws {
    try frame.beginElement(of: .unkeyed)
    frame.buffer.write(value)
  }

  mutating func encode(_ value: String) throws {
    try frame.beginElement(of: .unkeyed)
    frame.buffer.write(value)
  }

  mutating func encode(_ value: Double) throws {
    try frame.beginElement(of: .unkeyed)
    frame.buffer.write(value)
  }

  mutating func encode(_ value: Float) throws {
    try frame.beginElement(of: .unkeyed)
    frame.buffer.write(value)
  }

  mutating func encode(_ value: Int) throws {
    try frame.beginElement(of: .unkeyed)
    frame.buffer.write(integer: value)
  }

  mutating func encode(_ value: Int8) throws {
    try frame.beginElement(of: .unkeyed)
    frame.buffer.write(integer: value)
  }

  mutating func encode(_ value: Int16) throws {
    try frame.beginElement(of: .unkeyed)
    frame.buffer.write(integer: value)
  }

  mutating func encode(_ value: Int32) throws {
    try frame.beginElement(of: .unkeyed)
    frame.buffer.write(integer: value)
  }

  mutating func encode(_ value: Int64) throws {
    try frame.beginElement(of: .unkeyed)
    frame.buffer.write(integer: value)
  }

  mutating func encode(_ value: Int128) throws {
    try frame.beginElement(of: .unkeyed)
    frame.buffer.write(integer: value)
  }

  mutating func encode(_ value: UInt) throws {
    try frame.beginElement(of: .unkeyed)
    frame.buffer.write(integer: value)
  }

  mutating func encode(_ value: UInt8) throws {
    try frame.beginElement(of: .unkeyed)
    frame.buffer.write(integer: value)
  }

  mutating func encode(_ value: UInt16) throws {
    try frame.beginElement(of: .unkeyed)
    frame.buffer.write(integer: value)
  }

  mutating func encode(_ value: UInt32) throws {
    try frame.beginElement(of: .unkeyed)
    frame.buffer.write(integer: value)
  }

  mutating func encode(_ value: UInt64) throws {
    try frame.beginElement(of: .unkeyed)
    frame.buffer.write(integer: value)
  }

  mutating func encode(_ value: UInt128) throws {
    try frame.beginElement(of: .unkeyed)
    frame.buffer.write(integer: value)
  }
}
