import ParallelCore
import Testing

/// What a hand-written `encode(to:)` or `init(from:)` may do.
@Suite("Messages: hand-written conformances")
struct HandWrittenCodingTests {
  enum Key: String, CodingKey { case a, b, c, d, missing }

  /// Encodes through a closure.
  struct Writer: Encodable {
    var body: @Sendable (any Encoder) throws -> Void
    func encode(to encoder: any Encoder) throws { try body(encoder) }
  }

  /// Decodes through the closure in the decoder's `userInfo`.
  struct Reader: Decodable {
    static let body = CodingUserInfoKey(rawValue: "body")!
    init(from decoder: any Decoder) throws {
      let body = decoder.userInfo[Self.body] as! @Sendable (any Decoder) throws -> Void
      try body(decoder)
    }
  }

  func write(_ body: @escaping @Sendable (any Encoder) throws -> Void) throws -> [UInt8] {
    try MessageEncoder().encode(Writer(body: body)).bytes
  }

  func read(_ bytes: [UInt8], _ body: @escaping @Sendable (any Decoder) throws -> Void) throws {
    _ = try MessageDecoder(userInfo: [Reader.body: body]).decode(Reader.self, from: bytes)
  }

  @Test func membersInAnyOrder() throws {
    let bytes = try write { encoder in
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(1, forKey: .a)
      try container.encode("two", forKey: .b)
      try container.encodeNil(forKey: .c)
      try container.encode([3, 4], forKey: .d)
    }
    try read(bytes) { decoder in
      let container = try decoder.container(keyedBy: Key.self)
      #expect(container.allKeys == [.a, .b, .c, .d])
      #expect(try container.decode([Int].self, forKey: .d) == [3, 4])
      #expect(try container.decodeNil(forKey: .c))
      #expect(try !container.decodeNil(forKey: .b))
      #expect(try container.decodeIfPresent(String.self, forKey: .c) == nil)
      #expect(try container.decodeIfPresent(Int.self, forKey: .missing) == nil)
      #expect(container.contains(.c))
      #expect(!container.contains(.missing))
      #expect(try container.decode(Int.self, forKey: .a) == 1)
      #expect(try container.decode(Int8.self, forKey: .a) == 1)
      #expect(try container.decode(String.self, forKey: .b) == "two")
      let again = try decoder.container(keyedBy: Key.self)
      #expect(try again.decode(Int.self, forKey: .a) == 1)
    }
  }

  @Test func manyMembersInReverse() throws {
    struct Number: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }
    for count in [17, 64, 65, 300] {
      let bytes = try write { encoder in
        var container = encoder.container(keyedBy: Number.self)
        for index in 0..<count { try container.encode(index, forKey: Number(stringValue: "\(index)")) }
      }
      try read(bytes) { decoder in
        let container = try decoder.container(keyedBy: Number.self)
        #expect(container.allKeys.count == count)
        for index in (0..<count).reversed() {
          #expect(try container.decode(Int.self, forKey: Number(stringValue: "\(index)")) == index)
        }
      }
    }
  }

  @Test func interleavedNestedContainers() throws {
    let bytes = try write { encoder in
      var container = encoder.container(keyedBy: Key.self)
      var first = container.nestedContainer(keyedBy: Key.self, forKey: .a)
      var second = container.nestedUnkeyedContainer(forKey: .b)
      let third = container.superEncoder(forKey: .c)
      for index in 0..<3 {
        try first.encode(index, forKey: [.a, .b, .c][index])
        try second.encode("\(index)")
      }
      try container.encode(9, forKey: .d)
      var inner = second.nestedContainer(keyedBy: Key.self)
      try second.encode([Double](repeating: 1, count: 10_000))
      try inner.encode(Point(id: 5, name: "n", weight: 0), forKey: .d)
      var single = third.singleValueContainer()
      try single.encode(true)
    }
    try read(bytes) { decoder in
      let container = try decoder.container(keyedBy: Key.self)
      let first = try container.nestedContainer(keyedBy: Key.self, forKey: .a)
      #expect(try first.decode(Int.self, forKey: .c) == 2)
      var second = try container.nestedUnkeyedContainer(forKey: .b)
      #expect(second.count == 5)
      #expect(try (0..<3).map { _ in try second.decode(String.self) } == ["0", "1", "2"])
      let inner = try second.nestedContainer(keyedBy: Key.self)
      #expect(try inner.decode(Point.self, forKey: .d).id == 5)
      #expect(try second.decode([Double].self).count == 10_000)
      #expect(second.isAtEnd)
      let third = try container.superDecoder(forKey: .c)
      #expect(try third.singleValueContainer().decode(Bool.self))
      #expect(try container.decode(Int.self, forKey: .d) == 9)
    }
  }

  @Test func packedArraysAreReadElementByElement() throws {
    let bytes = try write { encoder in
      var container = encoder.container(keyedBy: Key.self)
      try container.encode([1, -2, 300], forKey: .a)
      try container.encode([1.5 as Float], forKey: .b)
    }
    try read(bytes) { decoder in
      let container = try decoder.container(keyedBy: Key.self)
      var numbers = try container.nestedUnkeyedContainer(forKey: .a)
      #expect(numbers.count == 3)
      #expect(try !numbers.decodeNil())
      #expect(try numbers.decode(UInt8.self) == 1)
      #expect(throws: DecodingError.self) { try numbers.decode(UInt.self) }
      #expect(numbers.currentIndex == 1)
      #expect(try numbers.decode(Int?.self) == -2)
      #expect(try numbers.decode(Int16.self) == 300)
      #expect(throws: DecodingError.self) { try numbers.decode(Int.self) }
      #expect(try container.decode([Int32].self, forKey: .a) == [1, -2, 300])
      #expect(try container.decode(Set<Int>.self, forKey: .a) == [1, -2, 300])
      #expect(try container.decode([Double].self, forKey: .b) == [1.5])
    }
  }

  @Test func elementsWrittenOneByOneAreReadAsArray() throws {
    let bytes = try write { encoder in
      var container = encoder.unkeyedContainer()
      for index in 0..<5 { try container.encode(index) }
      #expect(container.count == 5)
    }
    #expect(try MessageDecoder().decode([Int].self, from: bytes) == [0, 1, 2, 3, 4])
    #expect(try MessageDecoder().decode([UInt8].self, from: bytes) == [0, 1, 2, 3, 4])
    #expect(throws: DecodingError.self) { try MessageDecoder().decode([String].self, from: bytes) }
  }

  @Test func mapsAndKeyedContainersAreInterchangeable() throws {
    let keyed = try write { encoder in
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(1, forKey: .a)
      try container.encode(2, forKey: .b)
    }
    #expect(try MessageDecoder().decode([String: Int].self, from: keyed) == ["a": 1, "b": 2])
    let map = try MessageEncoder().encode(["a": 1, "b": 2]).bytes
    try read(map) { decoder in
      let container = try decoder.container(keyedBy: Key.self)
      #expect(Set(container.allKeys) == [.a, .b])
      #expect(try container.decode(Int.self, forKey: .b) == 2)
      #expect(!container.contains(.c))
    }
    #expect(try MessageDecoder().decode([String: Int8].self, from: map) == ["a": 1, "b": 2])
  }

  @Test func containersOfOneEncoderAreJoined() throws {
    let bytes = try write { encoder in
      var first = encoder.container(keyedBy: Key.self)
      var second = encoder.container(keyedBy: Key.self)
      try first.encode(1, forKey: .a)
      try second.encode(2, forKey: .b)
      try first.encode(3, forKey: .c)
    }
    #expect(try MessageDecoder().decode([String: Int].self, from: bytes) == ["a": 1, "b": 2, "c": 3])
  }

  @Test func anErrorCaughtByTheValueLeavesNoTrace() throws {
    struct Refusal: Error {}
    let bytes = try write { encoder in
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(1, forKey: .a)
      try? container.encode(
        Writer { encoder in
          var inner = encoder.unkeyedContainer()
          try inner.encode("half")
          _ = inner.nestedUnkeyedContainer()
          throw Refusal()
        }, forKey: .b)
      try container.encode(3, forKey: .c)
    }
    #expect(try MessageDecoder().decode([String: Int].self, from: bytes) == ["a": 1, "c": 3])
  }

  @Test func aValueWithoutStateIsAnEmptyContainer() throws {
    let bytes = try write { _ in }
    #expect(try MessageDecoder().decode([String: Int].self, from: bytes) == [:])
    struct Empty: Codable, Equatable {}
    #expect(try roundTrip([Empty(), Empty()]) == [Empty(), Empty()])
  }

  @Test func codingPathsNameThePlace() throws {
    let bytes = try MessageEncoder().encode(["list": [Pair(first: 1, second: "x")]]).bytes
    let error = #expect(throws: DecodingError.self) {
      try MessageDecoder().decode([String: [Pair<Int, Bool>]].self, from: bytes)
    }
    guard case .typeMismatch(_, let context) = error else {
      Issue.record("not a type mismatch: \(String(describing: error))")
      return
    }
    #expect(context.codingPath.map(\.stringValue) == ["list", "Index 0", "second"])
  }
}
