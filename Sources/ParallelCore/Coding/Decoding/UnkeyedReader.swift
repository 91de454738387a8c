/// Reads the elements of an unkeyed value one by one, whether they were written one by one or as a packed array.
struct UnkeyedReader: UnkeyedDecodingContainer {
  let frame: DecodingFrame
  private let elements: WireContainer
  /// The tag of the elements of a packed array.
  private let packedTag: UInt8?
  private var offset: Int
  private(set) var currentIndex = 0

  init(frame: DecodingFrame) throws {
    self.frame = frame
    let value = frame.value
    guard value.tag == WireTag.unkeyed || value.tag == WireTag.packed else {
      throw frame.mismatch([Any].self, value)
    }
    let reader = frame.reader
    (elements, packedTag) = try frame.checked { () throws(Malformed) in
      guard value.tag == WireTag.packed else {
        return (try reader.container(value, smallestElement: 1), nil as UInt8?)
      }
      let extent = WireContainer(
        start: value.payload + 5, end: try reader.end(of: value), count: try reader.word(value.payload + 1))
      return (extent, try reader.load(value.payload, as: UInt8.self))
    }
    guard elements.count <= frame.session.limits.elementCount else { throw frame.tooManyElements(nil) }
    offset = elements.start
  }

  var codingPath: [any CodingKey] { frame.path }
  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex >= elements.count }

  mutating func decodeNil() throws -> Bool {
    let (value, end) = try peek(Any?.self)
    guard value.tag == WireTag.null else { return false }
    advance(to: end)
    return true
  }

  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
    let (value, end) = try peek(type)
    let result = try frame.get(type, value, .index(currentIndex))
    advance(to: end)
    return result
  }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type
  ) throws -> KeyedDecodingContainer<NestedKey> {
    let (value, end) = try peek([String: Any].self)
    let container = try frame.makeChild(value, .index(currentIndex), for: type).container(keyedBy: type)
    advance(to: end)
    return container
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    let (value, end) = try peek([Any].self)
    let container = try frame.makeChild(value, .index(currentIndex), for: UnkeyedReader.self)
      .unkeyedContainer()
    advance(to: end)
    return container
  }

  mutating func superDecoder() throws -> any Decoder {
    let (value, end) = try peek((any Decoder).self)
    let decoder = try frame.makeChild(value, .index(currentIndex), for: DecodingFrame.self)
    advance(to: end)
    return decoder
  }
}

// MARK: - Elements

extension UnkeyedReader {
  var key: PathKey { PathKey(index: currentIndex) }

  /// The current element and where it ends. It becomes the next one's turn only when it could be decoded.
  @inline(__always)
  func peek(_ type: Any.Type) throws -> (WireValue, end: Int) {
    guard !isAtEnd else { throw atEnd(type) }
    return try frame.checked(key) { () throws(Malformed) in
      let reader = frame.reader
      let value =
        if let packedTag {
          WireValue(tag: packedTag, payload: offset)
        } else {
          try reader.value(offset)
        }
      let end = try reader.end(of: value)
      // The last element has to end where its container does.
      guard currentIndex + 1 == elements.count ? end == elements.end : end < elements.end else {
        throw Malformed("An element reaches beyond its container.")
      }
      return (value, end)
    }
  }

  @inline(__always)
  mutating func advance(to end: Int) {
    offset = end
    currentIndex += 1
  }

  private func atEnd(_ type: Any.Type) -> DecodingError {
    .valueNotFound(
      type, .init(codingPath: frame.path(to: key), debugDescription: "The unkeyed container is at its end."))
  }
}
