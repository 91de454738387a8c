/// Writes the members of a keyed value.
struct KeyedWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let frame: EncodingFrame

  var codingPath: [any CodingKey] { frame.codingPath }

  mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
    let mark = frame.mark
    try frame.beginElement(key: key.stringValue)
    try frame.put(value, key: key, undoingTo: mark)
  }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy keyType: NestedKey.Type, forKey key: Key
  ) -> KeyedEncodingContainer<NestedKey> {
    let child = makeChild(key)
    child.become(.keyed)
    return KeyedEncodingContainer(KeyedWriter<NestedKey>(frame: child))
  }

  mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    let child = makeChild(key)
    child.become(.unkeyed)
    return UnkeyedWriter(frame: child)
  }

  mutating func superEncoder() -> any Encoder { FrameEncoder(frame: makeChild(PathKey.super)) }

  mutating func superEncoder(forKey key: Key) -> any Encoder { FrameEncoder(frame: makeChild(key)) }

  private func makeChild(_ key: some CodingKey) -> EncodingFrame {
    do {
      try frame.beginElement(key: key.stringValue)
      return frame.makeChild(key: key)
    } catch {
      frame.session.fail(error)
      return frame.makeDeadChild()
    }
  }
}
