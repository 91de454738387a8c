import ParallelCore
import SystemPackage

/// Encodes and decodes with the standard limits.
func roundTrip<T: Codable>(_ value: T) throws -> T {
  let message = try MessageEncoder().encode(value)
  return try MessageDecoder().decode(T.self, from: message.bytes, descriptors: message.descriptors)
}

struct Point: Codable, Hashable {
  var id: Int
  var name: String
  var weight: Double
}

struct Everything: Codable, Equatable {
  var flag = true
  var int = Int.min
  var int8 = Int8.min
  var int16 = Int16.min
  var int32 = Int32.min
  var int64 = Int64.max
  var int128 = Int128.min
  var uint = UInt.max
  var uint8 = UInt8.max
  var uint16 = UInt16.max
  var uint32 = UInt32.max
  var uint64 = UInt64.max
  var uint128 = UInt128.max
  var float: Float = -1.5
  var double = Double.pi
  var string = "Grüße 👋🏽"
  var present: Int? = 5
  var absent: String?
  var path: FilePath = "/a/b"
  var bytes: [UInt8] = [1, 2, 3]
  var doubles = [1.5, -.infinity]
  var strings = ["", "a", String(repeating: "long", count: 40)]
  var words = ["a": 1, "bb": -200]
  var pairs = ["k": "v"]
  var rates = ["x": 0.5]
  var points = [Point(id: 1, name: "p", weight: 2)]
  var lookup = [Point(id: 2, name: "q", weight: 3): [true, false]]
  var set: Set<String> = ["u", "v"]
  var shape: Shape = .group([.circle(radius: 1), .label("l", size: nil), .empty])
}

indirect enum Shape: Codable, Hashable {
  case empty
  case circle(radius: Double)
  case label(String, size: Int?)
  case group([Shape])
  case inside(Shape)
}

struct Pair<A: Codable, B: Codable>: Codable {
  var first: A
  var second: B
}

extension Pair: Equatable where A: Equatable, B: Equatable {}

class Animal: Codable {
  var name: String
  init(name: String) { self.name = name }
}

final class Dog: Animal {
  var tricks: [String]

  init(name: String, tricks: [String]) {
    self.tricks = tricks
    super.init(name: name)
  }

  enum CodingKeys: CodingKey { case tricks }

  required init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    tricks = try container.decode([String].self, forKey: .tricks)
    try super.init(from: container.superDecoder())
  }

  override func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try super.encode(to: container.superEncoder())
    try container.encode(tricks, forKey: .tricks)
  }
}
