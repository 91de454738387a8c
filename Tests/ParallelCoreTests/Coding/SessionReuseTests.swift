import ParallelCore
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// A thread codes all its messages with one session. None of them may show in another.
@Suite("Messages: reuse of sessions")
struct SessionReuseTests {
  typealias Writer = HandWrittenCodingTests.Writer
  typealias Reader = HandWrittenCodingTests.Reader
  typealias Key = HandWrittenCodingTests.Key
  typealias Escape = MessageMisuseTests.Escape

  /// Encodes another message in the middle of its own.
  struct Letter: Codable, Equatable {
    var name: String
    var inner: Point

    init(name: String, inner: Point) {
      self.name = name
      self.inner = inner
    }

    enum CodingKeys: CodingKey { case name, inner }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(try MessageEncoder().encode(inner).bytes, forKey: .inner)
      try container.encode(name, forKey: .name)
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      name = try container.decode(String.self, forKey: .name)
      let bytes = try container.decode([UInt8].self, forKey: .inner)
      inner = try MessageDecoder().decode(Point.self, from: bytes)
    }
  }

  @Test func aMessageInsideAnother() throws {
    let letters = (0..<5).map { Letter(name: "\($0)", inner: Point(id: $0, name: "p", weight: 0.5)) }
    for _ in 0..<3 { #expect(try roundTrip(letters) == letters) }
  }

  @Test func theSameBytesWhateverCameBefore() throws {
    @Sendable func encodings() throws -> [[UInt8]] {
      try [
        MessageEncoder().encode(Point(id: 1, name: "n", weight: 2)).bytes,
        MessageEncoder().encode(Pair(first: Point(id: 1, name: "n", weight: 2), second: "id")).bytes,
        MessageEncoder().encode(Shape.label("x", size: 3)).bytes,
        MessageEncoder().encode(Shape.group([.circle(radius: 1), .empty, .label("y", size: nil)])).bytes,
        MessageEncoder().encode(7).bytes,
        MessageEncoder().encode(Pair(first: "weight", second: Dog(name: "Rex", tricks: ["sit"]))).bytes,
      ]
    }
    // A thread of its own has met nothing yet.
    let first = Guarded<[[UInt8]]>([])
    for index in 0..<6 {
      try onOtherThread {
        let fresh = try encodings()[index]
        first.withLock { $0.append(fresh) }
      }
    }
    let expected = first.withLock { $0 }
    var random = SeededRandom(for: "order of messages")
    for _ in 0..<100 {
      let index = Int.random(in: 0..<6, using: &random)
      #expect(try encodings()[index] == expected[index], "seed \(random.seed)")
    }
  }

  @Test func manyKeysBeforeAndAfterFew() throws {
    struct Name: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(_ stringValue: String) { self.stringValue = stringValue }
      init(stringValue: String) { self.init(stringValue) }
      init?(intValue: Int) { nil }
    }
    func check(_ names: [String]) throws {
      let bytes = try HandWrittenCodingTests().write { encoder in
        var container = encoder.container(keyedBy: Name.self)
        for (index, name) in names.enumerated() { try container.encode(index, forKey: Name(name)) }
      }
      let expected = Dictionary(uniqueKeysWithValues: zip(names, 0...))
      #expect(try MessageDecoder().decode([String: Int].self, from: bytes) == expected)
    }
    var random = SeededRandom(for: "names of keys")
    for round in 0..<200 {
      let count = [0, 1, 3, 16, 17, 20, 65, 300, 5_000][round % 9]
      // Names of two messages in a row overlap in part, and some are too long for a small string.
      let names = (0..<count).map { $0 % 5 == 0 ? "a rather long name, number \($0)" : "\($0)" }
      try check(Bool.random(using: &random) ? names : names.shuffled(using: &random))
    }
  }

  @Test func anErrorInTheMiddleLeavesNoTrace() throws {
    struct Refusal: Error {}
    let point = Point(id: 1, name: "n", weight: 2)
    let expected = try MessageEncoder().encode(point).bytes
    for depth in 0..<4 {
      #expect(throws: Refusal.self) {
        try MessageEncoder().encode(
          Writer { encoder in
            var container = encoder.container(keyedBy: Key.self)
            try container.encode("half", forKey: .a)
            var inner = container.nestedUnkeyedContainer(forKey: .b)
            try inner.encode([UInt8](repeating: 1, count: 20_000))
            for _ in 0..<depth { inner = inner.nestedUnkeyedContainer() }
            try inner.encode(Writer { _ in throw Refusal() })
          })
      }
      #expect(try MessageEncoder().encode(point).bytes == expected)
      #expect(throws: DecodingError.self) { try MessageDecoder().decode([Point].self, from: expected) }
      #expect(throws: DecodingError.self) {
        try MessageDecoder().decode(Point.self, from: Array(expected.dropLast()))
      }
      #expect(try MessageDecoder().decode(Point.self, from: expected) == point)
    }
  }

  @Test func aContainerKeptFromOneMessageDoesNotWriteToTheNext() throws {
    final class Kept: @unchecked Sendable {
      // Used by one thread, one call after another.
      var keyed: KeyedEncodingContainer<Key>?
      var encoder: (any Encoder)?
    }
    let kept = Kept()
    let keeping = Writer { encoder in
      kept.encoder = encoder
      kept.keyed = encoder.container(keyedBy: Key.self)
      try kept.keyed?.encode(1, forKey: .a)
    }
    for _ in 0..<3 {
      #expect(
        try MessageDecoder().decode(
          [String: Int].self, from: try MessageEncoder().encode(keeping).bytes) == ["a": 1])
      let next = try MessageEncoder().encode(
        Writer { encoder in
          var container = encoder.container(keyedBy: Key.self)
          #expect(throws: EncodingError.self) { try kept.keyed?.encode(9, forKey: .b) }
          _ = kept.keyed?.superEncoder()
          _ = kept.keyed?.nestedContainer(keyedBy: Key.self, forKey: .c)
          _ = kept.encoder?.container(keyedBy: Key.self)
          _ = kept.encoder?.unkeyedContainer()
          try container.encode(2, forKey: .d)
        }
      ).bytes
      #expect(try MessageDecoder().decode([String: Int].self, from: next) == ["d": 2])
    }
    // The container outlives the encoder it came from, the other way round, too.
    kept.encoder = nil
    #expect(throws: EncodingError.self) { try kept.keyed?.encode(9, forKey: .b) }
  }

  @Test func aDecoderKeptFromOneMessageDoesNotReadTheNext() throws {
    let escape = Escape()
    let keep: @Sendable (any Decoder) throws -> Void = { decoder in
      escape.decoder = decoder
      escape.decoding = try decoder.container(keyedBy: Key.self).nestedContainer(
        keyedBy: Key.self, forKey: .a)
    }
    let read: @Sendable (any Decoder) throws -> Void = { decoder in
      let container = try decoder.container(keyedBy: Key.self)
      #expect(throws: DecodingError.self) { try escape.decoding?.decode(Int.self, forKey: .a) }
      #expect(throws: DecodingError.self) {
        try escape.decoder?.container(keyedBy: Key.self).decode([String: Int].self, forKey: .a)
      }
      #expect(try container.decode([String: Int].self, forKey: .a) == ["a": 1])
    }
    let bytes = try MessageEncoder().encode(["a": ["a": 1]]).bytes
    for _ in 0..<3 {
      _ = try MessageDecoder(userInfo: [Reader.body: keep]).decode(Reader.self, from: bytes)
      _ = try MessageDecoder(userInfo: [Reader.body: read]).decode(Reader.self, from: bytes)
      // What is kept refers to the closures, which refer to what is kept.
      escape.decoder = nil
      #expect(throws: DecodingError.self) { try escape.decoding?.decode(Int.self, forKey: .a) }
      escape.decoding = nil
    }
  }

  @Test func containersOfDifferentKeysOnOneEncoder() throws {
    enum Other: String, CodingKey { case b, d }
    for _ in 0..<3 {
      let bytes = try MessageEncoder().encode(
        Writer { encoder in
          var first = encoder.container(keyedBy: Key.self)
          var second = encoder.container(keyedBy: Other.self)
          try first.encode(1, forKey: .a)
          try second.encode(2, forKey: .b)
          try first.encode(3, forKey: .c)
          var third = encoder.container(keyedBy: Key.self)
          try third.encode(4, forKey: .d)
        }
      ).bytes
      #expect(
        try MessageDecoder().decode([String: Int].self, from: bytes) == ["a": 1, "b": 2, "c": 3, "d": 4])
      let body: @Sendable (any Decoder) throws -> Void = { decoder in
        let first = try decoder.container(keyedBy: Key.self)
        let second = try decoder.container(keyedBy: Other.self)
        #expect(try second.decode(Int.self, forKey: .d) == 4)
        #expect(try first.decode(Int.self, forKey: .a) == 1)
        #expect(try second.decode(Int.self, forKey: .b) == 2)
      }
      _ = try MessageDecoder(userInfo: [Reader.body: body]).decode(Reader.self, from: bytes)
    }
  }

  @Test func manyNestedContainersOneAfterAnother() throws {
    let bytes = try MessageEncoder().encode(
      Writer { encoder in
        var container = encoder.unkeyedContainer()
        for index in 0..<1_000 {
          var inner = container.nestedContainer(keyedBy: Key.self)
          try inner.encode(index, forKey: .a)
        }
      }
    ).bytes
    let body: @Sendable (any Decoder) throws -> Void = { decoder in
      var container = try decoder.unkeyedContainer()
      var kept: [KeyedDecodingContainer<Key>] = []
      for index in 0..<1_000 {
        let inner = try container.nestedContainer(keyedBy: Key.self)
        if index % 100 == 7 { kept.append(inner) }
        #expect(try inner.decode(Int.self, forKey: .a) == index)
      }
      for (place, inner) in kept.enumerated() {
        #expect(try inner.decode(Int.self, forKey: .a) == place * 100 + 7)
      }
    }
    _ = try MessageDecoder(userInfo: [Reader.body: body]).decode(Reader.self, from: bytes)
  }

  @Test func userInfoAndLimitsAreThoseOfTheCall() throws {
    let name = CodingUserInfoKey(rawValue: "name")!
    let body: @Sendable (any Encoder) throws -> Void = { encoder in
      var container = encoder.singleValueContainer()
      try container.encode(encoder.userInfo[name] as? String)
    }
    func decoded(_ encoder: MessageEncoder) throws -> String? {
      try MessageDecoder().decode(String?.self, from: try encoder.encode(Writer(body: body)).bytes)
    }
    #expect(try decoded(MessageEncoder(userInfo: [name: "x"])) == "x")
    #expect(try decoded(MessageEncoder()) == nil)
    #expect(throws: EncodingError.self) {
      try MessageEncoder(limits: MessageLimits(byteCount: 10)).encode("too long")
    }
    #expect(try decoded(MessageEncoder(userInfo: [name: "y"])) == "y")
  }

  @Test func threadsInParallel() throws {
    try onThreads(4) { (number) throws in
      for round in 0..<200 {
        let value = [Point(id: number, name: "thread \(number)", weight: Double(round))]
        #expect(try roundTrip(value) == value)
        let shape = Shape.group([.label("\(round)", size: number), .inside(.circle(radius: 1))])
        #expect(try roundTrip(shape) == shape)
      }
    }
  }
}
