/// One value being decoded, and the `Decoder` its type gets to see.
final class DecodingFrame {
  let session: DecodingSession
  // A message is coded by one thread, and no access to these members calls out while it lasts: so they go
  // without the exclusivity checks at run time, which took a tenth of the time of a small message.
  @exclusivity(unchecked) private(set) var value = WireValue(tag: WireTag.null, payload: 0)
  @exclusivity(unchecked) private(set) var depth = 0
  @exclusivity(unchecked) private var parent: DecodingFrame?
  @exclusivity(unchecked) private var key: (any CodingKey)?

  /// Where the members lie, once the value was opened as a keyed container.
  @exclusivity(unchecked) var members: MemberTable?

  /// The next frame in the session's list of spare ones.
  @exclusivity(unchecked) var nextSpare: DecodingFrame?

  init(session: DecodingSession) { self.session = session }

  @inline(__always)
  func start(_ value: WireValue, under parent: DecodingFrame?, key: (any CodingKey)?) {
    self.value = value
    self.parent = parent
    self.key = key
    depth = (parent?.depth ?? -1) + 1
  }

  @inline(__always)
  func release() {
    parent = nil
    key = nil
    members = nil
  }

  @inline(__always)
  var reader: WireReader { session.reader }

  var path: [any CodingKey] {
    var path: [any CodingKey] = []
    var frame = self
    while true {
      if let key = frame.key { path.append(key) }
      guard let parent = frame.parent else { break }
      frame = parent
    }
    path.reverse()
    return path
  }
}

// MARK: - Errors

extension DecodingFrame {
  func path(to key: (any CodingKey)?) -> [any CodingKey] {
    path + (key.map { [$0] } ?? [])
  }

  func corrupted(_ reason: String, _ key: (any CodingKey)? = nil) -> DecodingError {
    .dataCorrupted(.init(codingPath: path(to: key), debugDescription: reason))
  }

  /// The value is of another kind, or nil.
  func mismatch(_ type: Any.Type, _ value: WireValue, _ key: (any CodingKey)? = nil) -> DecodingError {
    let context = DecodingError.Context(
      codingPath: path(to: key), debugDescription: "Expected \(type) but found \(WireTag.name(value.tag)).")
    return value.tag == WireTag.null ? .valueNotFound(type, context) : .typeMismatch(type, context)
  }

  /// Adds the coding path to what the reader threw.
  @inline(__always)
  func checked<R>(_ body: () throws(Malformed) -> R) throws -> R {
    do { return try body() } catch { throw corrupted("\(error.reason)") }
  }

  @inline(__always)
  func checked<R>(_ key: @autoclosure () -> (any CodingKey)?, _ body: () throws(Malformed) -> R) throws -> R {
    do { return try body() } catch { throw corrupted("\(error.reason)", key()) }
  }
}

// MARK: - Inner values

extension DecodingFrame {
  /// A frame for a nested container or a super decoder.
  func makeChild(_ value: WireValue, key: any CodingKey) throws -> DecodingFrame {
    guard depth < session.limits.depth else { throw corrupted("The value is nested too deeply.", key) }
    return session.makeFrame(value, under: self, key: key)
  }

  /// Decodes a type through its own `init(from:)`.
  func decodeInside<T: Decodable>(_ type: T.Type, _ value: WireValue, key: (any CodingKey)?) throws -> T {
    guard depth < session.limits.depth else { throw corrupted("The value is nested too deeply.", key) }
    let child = session.makeFrame(value, under: self, key: key)
    let result = try T(from: child)
    session.recycle(child)
    return result
  }
}

extension DecodingFrame: Decoder {
  var codingPath: [any CodingKey] { path }
  var userInfo: [CodingUserInfoKey: Any] { session.userInfo as [CodingUserInfoKey: Any] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    try openMembers()
    return KeyedDecodingContainer(KeyedReader(frame: self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try UnkeyedReader(frame: self) }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { SingleValueReader(frame: self) }
}
