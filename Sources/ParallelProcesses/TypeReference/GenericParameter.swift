/// What a descriptor says about one generic parameter.
struct GenericParameter: RawRepresentable {
  let rawValue: UInt8

  /// Whether each instance's metadata holds this argument. It doesn't where a constraint fixes the parameter,
  /// as in `extension Box where Content == Int`.
  var isStored: Bool { rawValue & 0x80 != 0 }

  /// Whether this stands for one type, not for a pack of types or an integer.
  var isType: Bool { rawValue & 0x3F == 0 }
}

/// A constraint on generic parameters, as a descriptor lists it: flags, subject, and what the kind asks for.
struct GenericRequirement {
  /// Invariant: lies inside a descriptor that the compiler emitted.
  let address: UInt

  /// The two sides, if this demands that two types are the same.
  var sameTypes: (MangledName, MangledName)? {
    guard let fields = UnsafePointer<Int32>(bitPattern: address), fields[0] & 0x1F == 1 else { return nil }
    return (name(atField: 1), name(atField: 2))
  }

  private func name(atField index: UInt) -> MangledName {
    let field = address + 4 * index
    let distance = UnsafePointer<Int32>(bitPattern: field)!.pointee
    return MangledName(start: UnsafePointer(bitPattern: field &+ UInt(bitPattern: Int(distance)))!)
  }
}

/// A type's name inside an image, zero-terminated, possibly with references in place of text.
struct MangledName {
  /// Invariant: a name that the compiler emitted.
  let start: UnsafePointer<UInt8>

  /// In bytes. A reference is a byte below 0x20 and the distance (4 bytes) or address (8) behind it, which may
  /// hold zeros.
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
