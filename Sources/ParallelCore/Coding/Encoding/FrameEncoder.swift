/// The `Encoder` a value gets to see.
struct FrameEncoder: Encoder {
  let frame: EncodingFrame

  var codingPath: [any CodingKey] { frame.codingPath }
  var userInfo: [CodingUserInfoKey: Any] { frame.session.userInfo as [CodingUserInfoKey: Any] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    frame.keyedContainer(type)
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    frame.become(.unkeyed)
    return UnkeyedWriter(frame: frame)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    SingleValueWriter(frame: frame)
  }
}
