import ParallelCore
import SystemPackage
import Testing

@Suite("Messages: round trips")
struct MessageRoundTripTests {
  @Test func everyKindOfMember() throws {
    let value = Everything()
    #expect(try roundTrip(value) == value)
    #expect(try roundTrip([value, value]) == [value, value])
  }

  @Test(arguments: [Int.min, -32769, -32768, -129, -128, -1, 0, 127, 128, 255, 256, 65536, 1 << 31, .max])
  func integersOfEveryWidth(_ value: Int) throws {
    #expect(try roundTrip(value) == value)
    #expect(try roundTrip(Int128(value)) == Int128(value))
  }

  @Test func extremeIntegers() throws {
    #expect(try roundTrip(UInt64.max) == .max)
    #expect(try roundTrip(Int128.min) == .min)
    #expect(try roundTrip(UInt128.max) == .max)
    #expect(try roundTrip(UInt8.max) == .max)
  }

  @Test func floatsKeepTheirBits() throws {
    for value in [0.0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, .greatestFiniteMagnitude] {
      #expect(try roundTrip(value).bitPattern == value.bitPattern)
      let float = Float(value)
      #expect(try roundTrip(float).bitPattern == float.bitPattern)
    }
    #if arch(arm64) || os(Linux)
      #expect(try roundTrip(Float16(1.5)) == 1.5)
    #endif
  }

  @Test(arguments: [0, 1, 63, 64, 255, 256, 16_383, 16_384, 100_000])
  func stringsOfEveryLength(_ length: Int) throws {
    let value = String(repeating: "x", count: length)
    #expect(try roundTrip(value) == value)
    #expect(try roundTrip([value, "tail"]) == [value, "tail"])
    #expect(try roundTrip([value: value]) == [value: value])
  }

  @Test(arguments: [0, 1, 100, 5_000])
  func packedArrays(_ count: Int) throws {
    func check<T: FixedWidthInteger & Codable>(_ type: T.Type) throws {
      let values = (0..<count).map { T(truncatingIfNeeded: $0 &* 7) }
      #expect(try roundTrip(values) == values)
      #expect(try roundTrip(Pair(first: values, second: [values])) == Pair(first: values, second: [values]))
    }
    try check(Int.self)
    try check(Int8.self)
    try check(Int16.self)
    try check(Int32.self)
    try check(Int64.self)
    try check(Int128.self)
    try check(UInt.self)
    try check(UInt8.self)
    try check(UInt16.self)
    try check(UInt32.self)
    try check(UInt64.self)
    try check(UInt128.self)
    let doubles = (0..<count).map(Double.init)
    #expect(try roundTrip(doubles) == doubles)
    #expect(try roundTrip(doubles.map { Float($0) }) == doubles.map { Float($0) })
  }

  @Test func optionals() throws {
    #expect(try roundTrip(Int?.none) == nil)
    #expect(try roundTrip(Int?.some(3)) == 3)
    #expect(try roundTrip([1, nil, 3]) == [1, nil, 3])
    #expect(try roundTrip(["a": nil, "b": 1]) == ["a": nil, "b": 1])
  }

  @Test func enumsWithAssociatedValues() throws {
    let shape = Shape.group([.inside(.inside(.circle(radius: 2))), .label("x", size: 4), .empty, .group([])])
    #expect(try roundTrip(shape) == shape)
  }

  @Test func nestedGenerics() throws {
    let value = Pair(first: Pair(first: 1, second: ["a": [2.5]]), second: [Pair(first: "x", second: true)])
    #expect(try roundTrip(value) == value)
  }

  @Test func inheritance() throws {
    let dog = try roundTrip(Dog(name: "Rex", tricks: ["sit", "roll"]))
    #expect(dog.name == "Rex")
    #expect(dog.tricks == ["sit", "roll"])
  }

  @Test func dictionariesAndSets() throws {
    let numbers = [1: "a", 2: "b"]
    #expect(try roundTrip(numbers) == numbers)
    let points = [Point(id: 1, name: "a", weight: 0): 1]
    #expect(try roundTrip(points) == points)
    let set: Set = [3, 4, 5]
    #expect(try roundTrip(set) == set)
    let large = Dictionary(uniqueKeysWithValues: (0..<5_000).map { ("word \($0)", $0) })
    #expect(try roundTrip(large) == large)
    let structs = large.mapValues { Point(id: $0, name: "", weight: 1) }
    #expect(try roundTrip(structs) == structs)
  }

  @Test func pathsKeepTheirBytes() throws {
    let bytes: [CChar] = [47, -1, -2, 97, 0]
    let path = bytes.withUnsafeBufferPointer { FilePath(platformString: $0.baseAddress!) }
    #expect(try roundTrip(path) == path)
    #expect(try roundTrip([path, "", "relative"]) == [path, "", "relative"])
  }

  @Test func eachKeyTravelsOnce() throws {
    let one = try MessageEncoder().encode([Point(id: 1, name: "", weight: 0)]).bytes
    let many = try MessageEncoder().encode(Array(repeating: Point(id: 1, name: "", weight: 0), count: 11))
      .bytes
    // A header, three members: a number each, and their values of 1, 1 and 9 bytes.
    #expect(many.count - one.count == 10 * (9 + 3 + 11))
  }
}
