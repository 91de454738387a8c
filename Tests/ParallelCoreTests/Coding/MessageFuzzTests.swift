import ParallelCore
import TestSupport
import Testing

/// Random damage to good messages. Whatever it hits, decoding throws or gives a value that can be encoded again.
@Suite("Messages: fuzz")
struct MessageFuzzTests {
  static let rounds = TestSupport.rounds(release: 200_000)

  /// A type of the corpus: a good message, and what to do with a damaged one.
  struct Sample {
    var bytes: [UInt8]
    var decode: ([UInt8]) throws -> Void

    init<T: Codable>(_ value: T) throws {
      bytes = try MessageEncoder().encode(value).bytes
      decode = { bytes in
        let value = try MessageDecoder().decode(T.self, from: bytes)
        let again = try MessageEncoder().encode(value)
        _ = try MessageDecoder().decode(T.self, from: again.bytes, descriptors: again.descriptors)
      }
    }
  }

  static func corpus() throws -> [Sample] {
    try [
      Sample(Everything()), Sample([Everything()]), Sample(42), Sample("text"), Sample([1, 2, 3]),
      Sample([UInt8](repeating: 7, count: 100)), Sample((0..<40).map { "word\($0)" }),
      Sample(Dictionary(uniqueKeysWithValues: (0..<40).map { ("word\($0)", $0) })),
      Sample(Dictionary(uniqueKeysWithValues: (0..<100).map { ("key\($0)", Int8($0)) })),
      Sample(["a": "b", "c": "d"]), Sample(["a": 0.5]), Sample([1: ["x"], 2: []]),
      Sample((0..<20).map { Point(id: $0, name: "name \($0)", weight: 1) }),
      Sample(Shape.group([.inside(.circle(radius: 1)), .label("l", size: 3), .empty])),
      Sample(Dog(name: "Rex", tricks: ["sit"])), Sample([nil, 1, nil] as [Int?]),
      Sample(Pair(first: [1.5 as Float], second: Pair(first: "x" as String?, second: UInt128.max))),
      Sample(Set([Point(id: 1, name: "", weight: 0)])), Sample([[[Int16]]](repeating: [[1], []], count: 3)),
    ]
  }

  @Test func damagedMessagesNeverTrap() throws {
    let corpus = try Self.corpus()
    for sample in corpus { try sample.decode(sample.bytes) }
    var random = SeededRandom(for: "damaged messages")
    var refused = 0
    var accepted = 0
    for round in 0..<Self.rounds {
      let sample = corpus.randomElement(using: &random)!
      let other = corpus.randomElement(using: &random)!
      var bytes = sample.bytes
      for _ in 0...Int.random(in: 0...2, using: &random) {
        Self.damage(&bytes, splicing: other.bytes, using: &random)
      }
      if Bool.random(using: &random) { Self.repairLength(&bytes) }
      // Half the time the bytes are read as another type than they were written as.
      let reader = Bool.random(using: &random) ? sample : other
      do {
        try reader.decode(bytes)
        accepted += 1
      } catch is DecodingError {
        refused += 1
      } catch {
        Issue.record("seed \(random.seed), round \(round): \(error)")
      }
    }
    #expect(refused + accepted == Self.rounds)
    #expect(refused > Self.rounds / 4)
    #expect(accepted > 0)
    print("refused \(refused), accepted \(accepted)")
  }

  static func damage(_ bytes: inout [UInt8], splicing other: [UInt8], using random: inout SeededRandom) {
    guard !bytes.isEmpty else { return bytes = other }
    let place = Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<7, using: &random) {
    case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
    case 2: bytes.removeSubrange(place...)
    case 3:
      bytes += (0..<Int.random(in: 1...9, using: &random)).map { _ in UInt8(truncatingIfNeeded: random.next())
      }
    case 4: bytes = Array(bytes[..<place]) + other[Int.random(in: 0..<other.count, using: &random)...]
    case 5: tamperWithLength(&bytes, at: place, using: &random)
    default:
      let tags: [UInt8] = [
        0, 1, 3, 6, 7, 0x0B, 0x0C, 0x0E, 0x10, 0x11, 0x12, 0x20, 0x21, 0x22, 0x23, 0x41, 0x81,
      ]
      bytes[place] = tags.randomElement(using: &random)!
    }
  }

  /// Changes four bytes as a whole: to an extreme, or by a little.
  static func tamperWithLength(_ bytes: inout [UInt8], at place: Int, using random: inout SeededRandom) {
    guard place + 4 <= bytes.count else { return }
    var word = (0..<4).reduce(0 as UInt32) { $0 | UInt32(bytes[place + $1]) << (8 * $1) }
    switch Int.random(in: 0..<4, using: &random) {
    case 0: word = .max
    case 1: word = 0x7FFF_FFFF
    case 2: word &+= UInt32.random(in: 1...9, using: &random)
    default: word &-= UInt32.random(in: 1...9, using: &random)
    }
    for index in 0..<4 { bytes[place + index] = UInt8(truncatingIfNeeded: word >> (8 * index)) }
  }

  /// Lets the damage past the header's first check.
  static func repairLength(_ bytes: inout [UInt8]) {
    guard bytes.count >= 16 else { return }
    for index in 0..<4 { bytes[12 + index] = UInt8(truncatingIfNeeded: bytes.count >> (8 * index)) }
  }
}
