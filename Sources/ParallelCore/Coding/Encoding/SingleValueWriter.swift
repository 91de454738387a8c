/// Writes the one value of a value that is no container.
struct SingleValueWriter: SingleValueEncodingContainer {
  let frame: EncodingFrame

  var codingPath: [any CodingKey] { frame.codingPath }

  mutating func encode<T: Encodable>(_ value: T) throws {
    let mark = frame.mark
    try frame.beginSingle()
    try frame.put(value, .none, undoingTo: mark)
  }
}
