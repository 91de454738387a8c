import ParallelCore
import SystemPackage
import Testing

@Suite("Messages: misuse and limits")
struct MessageMisuseTests {
  typealias Writer = HandWrittenCodingTests.Writer
  typealias Key = HandWrittenCodingTests.Key

  func expectRefusal(
    _ part: String, limits: MessageLimits = .standard, location: SourceLocation = #_sourceLocation,
    _ body: @escaping @Sendable (any Encoder) throws -> Void
  ) {
    let error = #expect(throws: EncodingError.self, sourceLocation: location) {
      try MessageEncoder(limits: limits).encode(Writer(body: body))
    }
    guard case .invalidValue(_, let context) = error else { return }
    #expect(context.debugDescription.contains(part), sourceLocation: location)
  }

  @Test func twoKindsOfContainer() {
    expectRefusal("two different kinds") { encoder in
      _ = encoder.container(keyedBy: Key.self)
      _ = encoder.unkeyedContainer()
    }
    expectRefusal("two different kinds") { encoder in
      _ = encoder.unkeyedContainer()
      var single = encoder.singleValueContainer()
      try single.encode(1)
    }
    expectRefusal("two different kinds") { encoder in
      var single = encoder.singleValueContainer()
      try single.encode(1)
      try single.encode(2)
    }
  }

  final class Escape: @unchecked Sendable {
    // Used by one thread: the test encodes and looks afterwards.
    var container: (any UnkeyedEncodingContainer)?
    var decoding: KeyedDecodingContainer<Key>?
    var decoder: (any Decoder)?
  }

  @Test func aContainerThatOutlivesItsValue() throws {
    let escape = Escape()
    expectRefusal("after its value was finished") { encoder in
      var container = encoder.unkeyedContainer()
      try container.encode(Writer { escape.container = $0.unkeyedContainer() })
      try container.encode(1)
      try escape.container?.encode(2)
    }
    #expect(throws: EncodingError.self) { try escape.container?.encode(3) }
    _ = escape.container?.superEncoder().container(keyedBy: Key.self)
  }

  @Test func aParentUsedWhileAValueInsideIsEncoded() {
    expectRefusal("while a value inside it") { encoder in
      let container = encoder.unkeyedContainer()
      let escape = Escape()
      escape.container = container
      var same = container
      try same.encode(Writer { _ in try escape.container?.encode(1) })
    }
  }

  @Test func aDecoderThatOutlivesItsMessage() throws {
    let escape = Escape()
    let body: @Sendable (any Decoder) throws -> Void = { decoder in
      escape.decoder = decoder
      escape.decoding = try decoder.container(keyedBy: Key.self)
    }
    let bytes = try MessageEncoder().encode(["a": 1]).bytes
    typealias Reader = HandWrittenCodingTests.Reader
    _ = try MessageDecoder(userInfo: [Reader.body: body]).decode(Reader.self, from: bytes)
    let container = try #require(escape.decoding)
    #expect(throws: DecodingError.self) { try container.decode(Int.self, forKey: .a) }
    #expect(container.allKeys.isEmpty)
    #expect(throws: DecodingError.self) { try escape.decoder?.singleValueContainer().decode(Int.self) }
    // The decoder holds the closure, which holds this.
    escape.decoder = nil
    escape.decoding = nil
  }

  indirect enum Chain: Codable {
    case end
    case link(Chain)
  }

  func chain(_ length: Int) -> Chain { (0..<length).reduce(.end) { chain, _ in .link(chain) } }

  @Test func depth() throws {
    // Two levels for each link, the container of its case and the value in it.
    var limits = MessageLimits(depth: 40)
    let fitting = try MessageEncoder(limits: limits).encode(chain(19)).bytes
    _ = try MessageDecoder(limits: limits).decode(Chain.self, from: fitting)
    #expect(throws: EncodingError.self) { try MessageEncoder(limits: limits).encode(chain(21)) }
    limits.depth = 38
    #expect(throws: DecodingError.self) {
      try MessageDecoder(limits: limits).decode(Chain.self, from: fitting)
    }
    #expect(throws: EncodingError.self) { try MessageEncoder().encode(chain(5_000)) }
  }

  @Test func depthOfNestedContainers() {
    expectRefusal("too deeply") { encoder in
      var container = encoder.unkeyedContainer()
      for _ in 0..<100_000 { container = container.nestedUnkeyedContainer() }
    }
  }

  @Test func theValuesOwnErrorsPassUnchanged() {
    #expect(throws: Errno.noSuchFileOrDirectory) {
      try MessageEncoder().encode([Writer { _ in throw Errno.noSuchFileOrDirectory }])
    }
  }

  @Test func byteCount() throws {
    let limits = MessageLimits(byteCount: 100)
    for value in [[UInt8](repeating: 0, count: 100), [UInt8](repeating: 0, count: 50_000)] {
      #expect(throws: EncodingError.self) { try MessageEncoder(limits: limits).encode(value) }
      let bytes = try MessageEncoder().encode(value).bytes
      #expect(throws: DecodingError.self) {
        try MessageDecoder(limits: limits).decode([UInt8].self, from: bytes)
      }
    }
    _ = try MessageEncoder(limits: limits).encode([UInt8](repeating: 0, count: 70))
    expectRefusal("larger than the limit", limits: limits) { encoder in
      var container = encoder.unkeyedContainer()
      while true { try container.encode("endless") }
    }
  }

  @Test func elementAndKeyCount() throws {
    let limits = MessageLimits(elementCount: 3, keyCount: 2)
    func check<T: Codable>(_ value: T) throws {
      #expect(throws: EncodingError.self) { try MessageEncoder(limits: limits).encode(value) }
      let bytes = try MessageEncoder().encode(value).bytes
      #expect(throws: DecodingError.self) { try MessageDecoder(limits: limits).decode(T.self, from: bytes) }
    }
    try check([1, 2, 3, 4])
    try check(["1", "2", "3", "4"])
    try check([true, true, true, true])
    try check(["a": 1, "b": 2, "c": 3, "d": 4])
    try check(Point(id: 1, name: "", weight: 0))
    _ = try MessageEncoder(limits: limits).encode([1, 2, 3])
  }

  @Test func aKeyWrittenTwiceIsRefusedByTheDecoder() throws {
    let bytes = try MessageEncoder().encode(
      Writer { encoder in
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(1, forKey: .a)
        try container.encode(2, forKey: .a)
      }
    ).bytes
    #expect(throws: DecodingError.self) { try MessageDecoder().decode([String: Int].self, from: bytes) }
  }
}
