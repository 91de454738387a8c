/// Writes the elements of an unkeyed value.
struct UnkeyedWriter: UnkeyedEncodingContainer {
  let frame: EncodingFrame

  var codingPath: [any CodingKey] { frame.codingPath }
  var count: Int { frame.count }

  mutating func encode<T: Encodable>(_ value: T) throws {
    let mark = frame.mark
    try frame.beginElement(of: .unkeyed)
    try frame.put(value, .index(mark.count), undoingTo: mark)
  }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy keyType: NestedKey.Type
  ) -> KeyedEncodingContainer<NestedKey> {
    makeChild(for: keyType).keyedContainer(keyType)
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    let child = makeChild(for: UnkeyedWriter.self)
    child.become(.unkeyed)
    return UnkeyedWriter(frame: child)
  }

  mutating func superEncoder() -> any Encoder { FrameEncoder(frame: makeChild(for: FrameEncoder.self)) }

  private func makeChild<T>(for type: T.Type) -> EncodingFrame {
    do {
      let step = PathStep.index(frame.count)
      try frame.beginElement(of: .unkeyed)
      return frame.makeChild(step, for: type)
    } catch {
      frame.session.fail(error)
      return frame.makeDeadChild()
    }
  }
}
