import ParallelCore
import Testing

@Suite("Messages: written in place")
struct PendingMessageTests {
  func written<T: Codable>(_ value: T, room: Int = 0) throws -> [UInt8] {
    try MessageEncoder().withEncoded(value) { message in
      var target = [UInt8](repeating: 0xEE, count: 3 + message.byteCount + room)
      target.withUnsafeMutableBytes { message.write(to: UnsafeMutableRawBufferPointer(rebasing: $0[3...])) }
      #expect(target[..<3] == [0xEE, 0xEE, 0xEE])
      #expect(target.suffix(room) == [UInt8](repeating: 0xEE, count: room)[...])
      return Array(target[3..<3 + message.byteCount])
    }
  }

  @Test func theBytesAreThoseOfTheArray() throws {
    func check<T: Codable>(_ value: T) throws {
      let expected = try MessageEncoder().encode(value).bytes
      #expect(try written(value) == expected)
      #expect(try written(value, room: 10) == expected)
    }
    try check(5)
    try check("text")
    try check(Point(id: 1, name: "n", weight: 2))
    // Large arrays and strings are not copied before.
    try check(Pair(first: [Double](repeating: 1, count: 10_000), second: Point(id: 1, name: "n", weight: 2)))
    try check(String(repeating: "x", count: 100_000))
    try check(Shape.group([.inside(.circle(radius: 1)), .empty]))
  }

  @Test func theBodyMayEncodeAndThrow() throws {
    struct Refusal: Error {}
    let outer = Point(id: 1, name: "outer", weight: 0)
    let bytes = try MessageEncoder().withEncoded(outer) { message in
      _ = try MessageEncoder().encode(Point(id: 2, name: "inner", weight: 0))
      return message.bytes()
    }
    #expect(try MessageDecoder().decode(Point.self, from: bytes) == outer)
    #expect(throws: Refusal.self) { try MessageEncoder().withEncoded(outer) { _ in throw Refusal() } }
    #expect(try MessageEncoder().encode(outer).bytes == bytes)
  }

  @Test func tooLittleRoomIsAProgrammerError() async {
    await #expect(processExitsWith: .failure) {
      try? MessageEncoder().withEncoded(5) { message in
        withUnsafeTemporaryAllocation(byteCount: 4, alignment: 1) { message.write(to: $0) }
      }
    }
  }
}
