/// Writes the members of a keyed value.
struct KeyedWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
  /// Alive: kept by the session until the value is finished, then by `keeper` (see `ContainerBox`).
  unowned(unsafe) let frame: EncodingFrame
  let keeper: FrameKeeper

  var codingPath: [any CodingKey] { frame.codingPath }

  mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
    let mark = frame.mark
    try frame.beginElement(key: key.stringValue)
    try frame.put(value, .key(key), undoingTo: mark)
  }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy keyType: NestedKey.Type, forKey key: Key
  ) -> KeyedEncodingContainer<NestedKey> {
    makeChild(key, for: keyType).keyedContainer(keyType)
  }

  mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    let child = makeChild(key, for: UnkeyedWriter.self)
    child.become(.unkeyed)
    return UnkeyedWriter(frame: child)
  }

  mutating func superEncoder() -> any Encoder {
    FrameEncoder(frame: makeChild(PathKey.super, for: FrameEncoder.self))
  }

  mutating func superEncoder(forKey key: Key) -> any Encoder {
    FrameEncoder(frame: makeChild(key, for: FrameEncoder.self))
  }

  private func makeChild<T>(_ key: some CodingKey, for type: T.Type) -> EncodingFrame {
    do {
      try frame.beginElement(key: key.stringValue)
      return frame.makeChild(.key(key), for: type)
    } catch {
      frame.session.fail(error)
      return frame.makeDeadChild()
    }
  }
}
