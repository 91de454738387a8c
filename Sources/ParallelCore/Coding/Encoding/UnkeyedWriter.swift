/// Writes the elements of an unkeyed value.
struct UnkeyedWriter: UnkeyedEncodingContainer {
  let frame: EncodingFrame

  var codingPath: [any CodingKey] { frame.codingPath }
  var count: Int { frame.count }

  mutating func encode<T: Encodable>(_ value: T) throws {
    let mark = frame.mark
    try frame.beginElement(of: .unkeyed)
    try frame.put(value, key: PathKey(index: mark.count), undoingTo: mark)
  }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy keyType: NestedKey.Type
  ) -> KeyedEncodingContainer<NestedKey> {
    let child = makeChild()
    child.become(.keyed)
    return KeyedEncodingContainer(KeyedWriter<NestedKey>(frame: child))
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    let child = makeChild()
    child.become(.unkeyed)
    return UnkeyedWriter(frame: child)
  }

  mutating func superEncoder() -> any Encoder { FrameEncoder(frame: makeChild()) }

  private func makeChild() -> EncodingFrame {
    do {
      let key = PathKey(index: frame.count)
      try frame.beginElement(of: .unkeyed)
      return frame.makeChild(key: key)
    } catch {
      frame.session.fail(error)
      return frame.makeDeadChild()
    }
  }
}
