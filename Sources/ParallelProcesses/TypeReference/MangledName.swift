/// A type's name as the compiler writes it into an image: zero-terminated, possibly with references in place
/// of text.
struct MangledName {
  /// Invariant: a name that the compiler emitted.
  let start: UnsafePointer<UInt8>

  /// In bytes. A reference is a byte below 0x20 and the distance (4 bytes) or address (8) behind it, which
  /// may hold zeros.
  var count: Int {
    var index = 0
    while start[index] != 0 {
      switch start[index] {
      case 0x01...0x17: index += 5
      case 0x18...0x1F: index += 9
      default: index += 1
      }
    }
    return index
  }

  /// Whether the name is exactly `text`.
  func isEqual(to text: [UInt8]) -> Bool {
    UnsafeBufferPointer(start: start, count: count).elementsEqual(text)
  }

  /// How generic parameter `index` of nesting level `depth` is spelled.
  static func parameter(depth: Int, index: Int) -> [UInt8] {
    func number(_ value: Int) -> String { value == 0 ? "_" : "\(value - 1)_" }
    if depth > 0 { return Array("qd\(number(depth - 1))\(number(index))".utf8) }
    return index == 0 ? Array("x".utf8) : Array("q\(number(index - 1))".utf8)
  }
}
