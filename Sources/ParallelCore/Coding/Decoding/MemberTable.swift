/// Finds the members of a keyed container.
///
/// Members are mostly read in the order they were written, so the table remembers where the last one was found and
/// looks there first. Only members read out of order cost a search.
struct MemberTable {
  private(set) var isOpen = false
  private var isMap = false
  private var container = WireContainer(start: 0, end: 0, count: 0)

  /// The member found last, and the one behind it.
  private var last = 0
  private var next = 0

  /// The values' places by key number, for large containers; or by name, for maps.
  private var byNumber: [Int: Int]?
  private var byName: [String: Int]?

  /// Containers up to this size are searched by walking along them.
  private static let longestWalk = 16
  /// Containers up to this size are checked for double keys without a table.
  private static let longestCheck = 64

  /// Walks the container once: afterwards its members are known to fill it, with keys that exist and differ.
  @inline(__always)
  mutating func open(_ value: WireValue, _ session: DecodingSession) throws(Malformed) {
    isMap = value.tag == WireTag.map
    // A member takes at least a byte for its key and one for its value.
    container = try session.reader.container(value, smallestElement: 2)
    last = container.start
    next = container.start
    if isMap || container.count > Self.longestCheck {
      try makeTable(session)
    } else {
      try check(session.reader, session.keys.count)
    }
    isOpen = true
  }

  @inline(never)
  private mutating func makeTable(_ session: DecodingSession) throws(Malformed) {
    if isMap {
      byName = try Self.names(container, session.reader)
    } else {
      byNumber = try Self.numbers(container, session.reader, session.keys.count)
    }
  }

  @inline(__always)
  mutating func close() {
    isOpen = false
    isMap = false
    container.count = 0
    if byNumber != nil { byNumber = nil }
    if byName != nil { byName = nil }
  }

  var count: Int { container.count }

  /// The value of a key, if the container has it.
  @inline(__always)
  mutating func find(_ key: String, _ session: DecodingSession) throws(Malformed) -> WireValue? {
    guard isOpen, !isMap else { return try findInMap(key, session.reader) }
    if next < container.end {
      var offset = next
      let number = try session.reader.variable(&offset)
      if session.keys.isNamed(number, key) {
        last = next
        let value = try session.reader.value(offset)
        next = try session.reader.end(of: value)
        return value
      }
    }
    return try search(key, session)
  }

  @inline(never)
  private mutating func search(_ key: String, _ session: DecodingSession) throws(Malformed) -> WireValue? {
    guard let wanted = session.keys.number(of: key) else { return nil }
    let reader = session.reader
    if last < container.end {
      var offset = last
      if try reader.variable(&offset) == wanted { return try reader.value(offset) }
    }
    if byNumber == nil, container.count > Self.longestWalk {
      byNumber = try Self.numbers(container, reader, session.keys.count)
    }
    if let byNumber {
      guard let offset = byNumber[wanted] else { return nil }
      return try reader.value(offset)
    }
    return try walk(to: wanted, reader)
  }

  private mutating func walk(to wanted: Int, _ reader: WireReader) throws(Malformed) -> WireValue? {
    var offset = container.start
    while offset < container.end {
      let member = offset
      let number = try reader.variable(&offset)
      let value = try reader.value(offset)
      offset = try reader.end(of: value)
      if number == wanted {
        last = member
        next = offset
        return value
      }
    }
    return nil
  }

  private func findInMap(_ key: String, _ reader: WireReader) throws(Malformed) -> WireValue? {
    guard let offset = byName?[key] else { return nil }
    return try reader.value(offset)
  }

  /// All keys of a type, in the order they were written.
  func keys<Key: CodingKey>(_ session: DecodingSession, as type: Key.Type) throws(Malformed) -> [Key] {
    var keys: [Key] = []
    var offset = container.start
    for _ in 0..<container.count {
      let name =
        if isMap {
          try Self.name(&offset, session.reader)
        } else {
          session.keys[try Self.number(&offset, session.reader, session.keys.count)]
        }
      if let key = Key(stringValue: name) { keys.append(key) }
      offset = try session.reader.end(of: try session.reader.value(offset))
    }
    return keys
  }
}

// MARK: - Checking

extension MemberTable {
  private static func number(
    _ offset: inout Int, _ reader: WireReader, _ keyCount: Int
  ) throws(Malformed) -> Int {
    let number = try reader.variable(&offset)
    guard number < keyCount else { throw Malformed("A key is not in the key table.") }
    return number
  }

  private static func name(_ offset: inout Int, _ reader: WireReader) throws(Malformed) -> String {
    let value = try reader.value(offset)
    guard let name = try reader.string(value) else { throw Malformed("A key is no string.") }
    offset = try reader.end(of: value)
    return name
  }

  private static let twice = Malformed("A container has a key twice.")
  private static let overrun = Malformed("A member reaches beyond its container.")

  private func check(_ reader: WireReader, _ keyCount: Int) throws(Malformed) {
    var offset = container.start
    var seen: UInt64 = 0
    for index in 0..<container.count {
      let number = try Self.number(&offset, reader, keyCount)
      let bit: UInt64 = 1 &<< UInt64(truncatingIfNeeded: number)
      if seen & bit != 0 {
        guard try !isAmongFirst(index, number, reader) else { throw Self.twice }
      }
      seen |= bit
      offset = try reader.end(of: try reader.value(offset))
      guard offset <= container.end else { throw Self.overrun }
    }
    guard offset == container.end else { throw Self.overrun }
  }

  private func isAmongFirst(_ count: Int, _ wanted: Int, _ reader: WireReader) throws(Malformed) -> Bool {
    var offset = container.start
    for _ in 0..<count {
      if try reader.variable(&offset) == wanted { return true }
      offset = try reader.end(of: try reader.value(offset))
    }
    return false
  }

  private static func numbers(
    _ container: WireContainer, _ reader: WireReader, _ keyCount: Int
  ) throws(Malformed) -> [Int: Int] {
    var places: [Int: Int] = [:]
    var offset = container.start
    for _ in 0..<container.count {
      let number = try number(&offset, reader, keyCount)
      guard places.updateValue(offset, forKey: number) == nil else { throw twice }
      offset = try reader.end(of: try reader.value(offset))
      guard offset <= container.end else { throw overrun }
    }
    guard offset == container.end else { throw overrun }
    return places
  }

  private static func names(
    _ container: WireContainer, _ reader: WireReader
  ) throws(Malformed) -> [String: Int] {
    var places: [String: Int] = [:]
    var offset = container.start
    for _ in 0..<container.count {
      let name = try name(&offset, reader)
      guard places.updateValue(offset, forKey: name) == nil else { throw twice }
      offset = try reader.end(of: try reader.value(offset))
      guard offset <= container.end else { throw overrun }
    }
    guard offset == container.end else { throw overrun }
    return places
  }
}
