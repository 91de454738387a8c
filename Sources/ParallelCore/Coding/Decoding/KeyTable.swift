internal import Glibc

/// The keys of a message by their numbers.
///
/// A session keeps the table of the last message: the next one of the same type brings the very same bytes, and
/// comparing them is much faster than making strings of them.
struct KeyTable {
  private var names: [String] = []
  /// The numbers by name, for large tables.
  private var numbers: [String: Int] = [:]
  /// The bytes that `names` were read from.
  private var source: [UInt8] = []

  private static let longestScan = 16
  private static let mostKept = 4096

  @inline(__always)
  var count: Int { names.count }

  @inline(__always)
  subscript(_ number: Int) -> String { names[number] }

  @inline(__always)
  func isNamed(_ number: Int, _ key: String) -> Bool { number < names.count && names[number] == key }

  /// The number of a key, if the message has it at all.
  func number(of key: String) -> Int? {
    names.count <= Self.longestScan ? names.firstIndex(of: key) : numbers[key]
  }

  /// Reads the table of a message, the bytes from an offset to the reader's end.
  @inline(__always)
  mutating func read(_ reader: WireReader, from start: Int, count: Int) throws(Malformed) {
    let bytes = try reader.bytes(start, count: reader.end - start)
    guard count == names.count, bytes.count == source.count else {
      return try parse(reader, from: start, count: count)
    }
    guard let address = bytes.baseAddress, memcmp(address, source, bytes.count) == 0 else {
      return try parse(reader, from: start, count: count)
    }
  }

  @inline(never)
  private mutating func parse(_ reader: WireReader, from start: Int, count: Int) throws(Malformed) {
    source.removeAll(keepingCapacity: source.count <= Self.mostKept)
    names.removeAll(keepingCapacity: names.count <= Self.mostKept)
    if !numbers.isEmpty { numbers.removeAll() }
    var offset = start
    for number in 0..<count {
      let byteCount = try reader.variable(&offset)
      let name = try WireReader.text(try reader.bytes(offset, count: byteCount))
      offset += byteCount
      // A name that stood for two numbers would make the meaning of a container depend on the order of reading.
      let isNew =
        count <= Self.longestScan
        ? !names.contains(name) : numbers.updateValue(number, forKey: name) == nil
      guard isNew else { throw Malformed("The key table has a key twice.") }
      names.append(name)
    }
    guard offset == reader.end else { throw Malformed("There are bytes after the key table.") }
    source.append(contentsOf: try reader.bytes(start, count: reader.end - start))
  }

  /// Forgets a table that is large, or that was refused half-way.
  mutating func reset() {
    if source.count > Self.mostKept || (source.isEmpty && !names.isEmpty) { self = KeyTable() }
  }
}
