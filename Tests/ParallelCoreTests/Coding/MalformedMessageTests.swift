import ParallelCore
import Testing

@Suite("Messages: malformed bytes")
struct MalformedMessageTests {
  /// A message with this body and these keys, all lengths of the header right.
  func message(_ body: [UInt8], keys: [String] = []) -> [UInt8] {
    let table = keys.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
    return [0x53, 0x50, 0x4D, 1] + word(16 + body.count) + word(keys.count)
      + word(16 + body.count + table.count) + body + table
  }

  func word(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }

  func container(_ tag: UInt8, count: Int, _ body: [UInt8]) -> [UInt8] {
    [tag] + word(body.count) + word(count) + body
  }

  func expectCorrupted<T: Decodable>(
    _ type: T.Type, _ bytes: [UInt8], location: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: DecodingError.self, sourceLocation: location) {
      try MessageDecoder().decode(type, from: bytes)
    }
    guard case .dataCorrupted = error else {
      Issue.record("\(String(describing: error))", sourceLocation: location)
      return
    }
  }

  @Test func theBuilderOfTheseTestsMatchesTheFormat() throws {
    let body = container(0x20, count: 2, [0, 0x85, 1, 0x41, 0x78])
    let pair = try MessageDecoder().decode(
      Pair<Int, String>.self, from: message(body, keys: ["first", "second"]))
    #expect(pair == Pair(first: 5, second: "x"))
    #expect(try MessageEncoder().encode(pair).bytes == message(body, keys: ["first", "second"]))
  }

  @Test func headers() throws {
    let good = message([0x85])
    #expect(try MessageDecoder().decode(Int.self, from: good) == 5)
    expectCorrupted(Int.self, [])
    for index in 0..<16 {
      var bad = good
      bad[index] ^= 0x40
      expectCorrupted(Int.self, bad)
    }
    expectCorrupted(Int.self, good + [0])
    expectCorrupted(Int.self, message([0x85, 0x85]))
    expectCorrupted(Int.self, message([]))
  }

  @Test func truncationAnywhere() throws {
    let bytes = try MessageEncoder().encode(Everything()).bytes
    for count in 0..<bytes.count { expectCorrupted(Everything.self, Array(bytes[..<count])) }
    let body = container(0x20, count: 2, [0, 0x85, 1, 0x42, 0x78, 0x78])
    for count in 0..<body.count {
      // The header agrees with the shorter body.
      expectCorrupted(Pair<Int, String>.self, message(Array(body[..<count]), keys: ["first", "second"]))
    }
  }

  @Test func keyTables() {
    let body: [UInt8] = container(0x20, count: 1, [0, 0x85])
    expectCorrupted([String: Int].self, message(body, keys: []))
    expectCorrupted([String: Int].self, message(body, keys: ["a", "a"]))
    expectCorrupted([String: Int].self, message(body, keys: (0..<20).map { "\($0 % 19)" }))
    var notText = message(body, keys: ["a"])
    notText[notText.count - 1] = 0xFF
    expectCorrupted([String: Int].self, notText)
    var tooLong = message(body, keys: ["a"])
    tooLong[tooLong.count - 2] = 2
    expectCorrupted([String: Int].self, tooLong)
    tooLong[tooLong.count - 2] = 0
    expectCorrupted([String: Int].self, tooLong)
    var tooMany = message(body, keys: ["a"])
    tooMany.replaceSubrange(8..<12, with: [0xFF, 0xFF, 0xFF, 0xFF])
    expectCorrupted([String: Int].self, tooMany)
  }

  @Test(arguments: [0x20, 0x21, 0x22] as [UInt8])
  func containerCounts(_ tag: UInt8) {
    let elements: [UInt8] = tag == 0x20 ? [0, 0x85] : tag == 0x21 ? [0x41, 0x61, 0x85] : [0x85]
    for count in [0, 2, 1000, 0xFFFF_FFFF] {
      let bytes = message(container(tag, count: count, elements), keys: ["a"])
      if tag == 0x22 {
        expectCorrupted([Int].self, bytes)
        expectCorrupted([String].self, bytes)
      } else {
        expectCorrupted([String: Int].self, bytes)
        expectCorrupted([String: Int8].self, bytes)
      }
    }
  }

  @Test func elementsBeyondTheirContainer() {
    // The inner container claims one byte more than it has; the byte is the next element.
    let inner: [UInt8] = [0x22] + word(2) + word(1) + [0x85]
    expectCorrupted([[Int?]].self, message(container(0x22, count: 2, inner + [0x85])))
    expectCorrupted([String].self, message(container(0x22, count: 2, [0x41, 0x61, 0x42, 0x61])))
    expectCorrupted(
      [[String]].self, message(container(0x22, count: 1, container(0x22, count: 1, [0x44, 0x61]))))
    expectCorrupted([Int?].self, message(container(0x22, count: 1, [0x85, 0x85])))
  }

  @Test func doubleKeys() {
    let twice: [UInt8] = [0, 0x85, 0, 0x85]
    expectCorrupted([String: Int].self, message(container(0x20, count: 2, twice), keys: ["a"]))
    let map: [UInt8] = [0x41, 0x61, 0x85, 0x41, 0x61, 0x85]
    expectCorrupted([String: Int].self, message(container(0x21, count: 2, map)))
    expectCorrupted([String: Int8].self, message(container(0x21, count: 2, map)))
    let many: [UInt8] = (0..<100).flatMap { [UInt8($0 % 99), 0x85] as [UInt8] }
    expectCorrupted(
      [String: Int].self, message(container(0x20, count: 100, many), keys: (0..<99).map { "\($0)" }))
  }

  @Test func keysOutOfRange() {
    expectCorrupted([String: Int].self, message(container(0x20, count: 1, [1, 0x85]), keys: ["a"]))
    let long: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x85]
    expectCorrupted([String: Int].self, message(container(0x20, count: 1, long), keys: ["a"]))
    expectCorrupted([String: Int].self, message(container(0x21, count: 1, [0x85, 0x85])))
  }

  @Test func packedArrays() {
    expectCorrupted([Int].self, message([0x23, 0x06] + word(2) + [UInt8](repeating: 0, count: 8)))
    expectCorrupted([Int].self, message([0x23, 0x06] + word(0xFFFF_FFFF)))
    expectCorrupted([Int].self, message([0x23, 0x40] + word(0)))
    expectCorrupted([Int].self, message([0x23, 0x00] + word(8)))
    expectCorrupted([Int8].self, message([0x23, 0x04] + word(1) + [0, 4]))
  }

  @Test func scalars() {
    expectCorrupted(String.self, message([0x42, 0xC3, 0x28]))
    expectCorrupted(String.self, message([0x10] + word(0xFFFF_FFFF)))
    expectCorrupted(Int.self, message([0x0F]))
    expectCorrupted(Int.self, message([0x3F, 0, 0, 0]))
    expectCorrupted(Int8.self, message([0x04, 0, 1]))
    expectCorrupted(UInt.self, message([0x03, 0xFF]))
    expectCorrupted(Float.self, message([0x0E, 1, 0, 0, 0, 0, 0, 0xF0, 0x3F]))
  }

  @Test func conventionalErrors() throws {
    func decode<T: Decodable>(_ type: T.Type, _ value: some Encodable) throws -> T {
      try MessageDecoder().decode(type, from: try MessageEncoder().encode(value).bytes)
    }
    func kind(_ body: () throws -> Any) -> String {
      do {
        return "no error: \(try body())"
      } catch {
        switch error as? DecodingError {
        case .typeMismatch: return "mismatch"
        case .valueNotFound: return "no value"
        case .keyNotFound: return "no key"
        case .dataCorrupted: return "corrupted"
        default: return "\(error)"
        }
      }
    }
    #expect(kind { try decode(Int.self, "x") } == "mismatch")
    #expect(kind { try decode(String.self, 1) } == "mismatch")
    #expect(kind { try decode(Double.self, 1) } == "mismatch")
    #expect(kind { try decode([Int].self, 1) } == "mismatch")
    #expect(kind { try decode([Int].self, Point(id: 1, name: "", weight: 0)) } == "mismatch")
    #expect(kind { try decode(Point.self, [1]) } == "mismatch")
    #expect(kind { try decode(Int.self, Int?.none) } == "no value")
    #expect(kind { try decode([String].self, ["a", nil]) } == "no value")
    #expect(kind { try decode(Point.self, Int?.none) } == "no value")
    #expect(kind { try decode(Point.self, ["id": 1]) } == "no key")
    #expect(kind { try decode(Int8.self, 128) } == "corrupted")
    #expect(kind { try decode(Shape.self, ["unknown": 1]) } != "no error")
  }

  @Test func messagesInsideLargerMemory() throws {
    let bytes = try MessageEncoder().encode("inside").bytes
    let padded = [9, 9, 9] + bytes + [9]
    let span = padded.span.bytes.extracting(3..<3 + bytes.count)
    #expect(try MessageDecoder().decode(String.self, from: span) == "inside")
    #expect(throws: DecodingError.self) { try MessageDecoder().decode(String.self, from: padded.span.bytes) }
  }
}
