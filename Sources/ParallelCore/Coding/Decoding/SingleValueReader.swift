/// Reads a value that is no container.
struct SingleValueReader: SingleValueDecodingContainer {
  let frame: DecodingFrame

  var codingPath: [any CodingKey] { frame.path }

  func decodeNil() -> Bool { frame.value.tag == WireTag.null }

  func decode<T: Decodable>(_ type: T.Type) throws -> T { try frame.get(type, frame.value, .none) }
}
