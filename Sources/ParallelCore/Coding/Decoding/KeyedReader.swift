/// Reads the members of a keyed value, in any order.
struct KeyedReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
  /// Alive: kept by the session until the value is decoded, then by `keeper` (see `ContainerBox`).
  unowned(unsafe) let frame: DecodingFrame
  let keeper: FrameKeeper

  var codingPath: [any CodingKey] { frame.path }

  var allKeys: [Key] {
    // A container that outlived its decode call has no keys any more.
    (try? frame.members.keys(frame.session, as: Key.self)) ?? []
  }

  func contains(_ key: Key) -> Bool { (try? frame.member(key)) != nil }

  func decodeNil(forKey key: Key) throws -> Bool { try frame.requiredMember(key).tag == WireTag.null }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    try frame.get(type, frame.requiredMember(key), .key(key))
  }

  func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
    guard let value = try frame.presentMember(key) else { return nil }
    return try frame.get(type, value, .key(key))
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<NestedKey> {
    try frame.makeChild(frame.requiredMember(key), .key(key), for: type).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try frame.makeChild(frame.requiredMember(key), .key(key), for: UnkeyedReader.self).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { try superDecoder(PathKey.super) }

  func superDecoder(forKey key: Key) throws -> any Decoder { try superDecoder(key) }

  /// A missing value reads as nil, which lets a superclass without state be decoded.
  private func superDecoder(_ key: some CodingKey) throws -> any Decoder {
    let value = try frame.member(key) ?? WireValue(tag: WireTag.null, payload: 0)
    return try frame.makeChild(value, .key(key), for: DecodingFrame.self)
  }
}
