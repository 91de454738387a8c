extension DecodingFrame {
  /// Opens the value as a keyed container; a second container on the same decoder finds it open.
  func openMembers() throws {
    guard !members.isOpen else { return }
    guard value.tag == WireTag.keyed || value.tag == WireTag.map else {
      throw mismatch([String: Any].self, value)
    }
    do throws(Malformed) { try members.open(value, session) } catch { throw corrupted("\(error.reason)") }
    guard members.count <= session.limits.elementCount else {
      members.close()
      throw corrupted("A container has more elements than the limit allows.")
    }
  }

  /// The value of a key, or nil if there is none.
  @inline(__always)
  func member(_ key: some CodingKey) throws -> WireValue? {
    try checked(key) { () throws(Malformed) in try members.find(key.stringValue, session) }
  }

  @inline(__always)
  func requiredMember(_ key: some CodingKey) throws -> WireValue {
    guard let value = try member(key) else { throw missing(key) }
    return value
  }

  /// The value of a key, or nil if there is none or it is nil.
  @inline(__always)
  func presentMember(_ key: some CodingKey) throws -> WireValue? {
    guard let value = try member(key), value.tag != WireTag.null else { return nil }
    return value
  }

  private func missing(_ key: some CodingKey) -> DecodingError {
    .keyNotFound(
      key, .init(codingPath: path, debugDescription: "There is no value for the key \"\(key.stringValue)\"."))
  }
}
