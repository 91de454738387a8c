/// Walks a mangled name operator by operator, exactly as the runtime's demangler does for those that it
/// knows.
struct MangledNameScanner {
  private var rest: ArraySlice<UInt8>
  private let acceptsStructuralTypes: Bool

  /// The references to earlier parts and the generic types that were passed.
  private(set) var compositions = 0

  init(_ name: String, acceptsStructuralTypes: Bool) {
    rest = Array(name.utf8)[...]
    self.acceptsStructuralTypes = acceptsStructuralTypes
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// Returns false at an operator that is not known or not accepted.
  mutating func skipOperator() -> Bool {
    guard let first = rest.first else { return false }
    if isDigit(first) { return skipIdentifier() }
    rest.removeFirst()
    switch Character(Unicode.Scalar(first)) {
    case "V", "O", "C", "E", "s", "y", "_":  // struct, enum, class, extension, module Swift, lists
      return true
    case "G":
      compositions += 1
      return true
    case "S": return skipStandardType()
    case "A": return skipReferences()
    case let other: return acceptsStructuralTypes && skipStructuralOperator(other)
    }
  }

  private mutating func skipStructuralOperator(_ first: Character) -> Bool {
    switch first {
    case "t", "c", "p", "m":  // tuple, function, existential, metatype
      compositions += 1
      return true
    case "K": return true  // throws
    case "Y":  // async, @Sendable
      return rest.popFirst().map { "ab".utf8.contains($0) } ?? false
    case "Q":  // pack
      compositions += 1
      return rest.popFirst() == UInt8(ascii: "P")
    default: return false
    }
  }

  /// `S`, and `Sc` for those of concurrency. `Sg`, Optional, is a generic type.
  private mutating func skipStandardType() -> Bool {
    if rest.first == UInt8(ascii: "c") { rest.removeFirst() }
    guard let letter = rest.popFirst(), isLetter(letter) else { return false }
    if letter == UInt8(ascii: "g") { compositions += 1 }
    return true
  }

  /// `A`, then any number of lower-case letters and an upper-case one, each a reference, or `12_`, one
  /// reference. Repeat counts (`A12B`) are not accepted.
  private mutating func skipReferences() -> Bool {
    compositions += 1
    if let first = rest.first, isDigit(first) || first == UInt8(ascii: "_") {
      rest = rest.drop(while: isDigit)
      return rest.popFirst() == UInt8(ascii: "_")
    }
    while let letter = rest.popFirst(), isLetter(letter) {
      if letter < UInt8(ascii: "a") { return true }
      compositions += 1
    }
    return false
  }

  /// A length and as many bytes; or `0`, then words of earlier identifiers by letter, the last an upper-case
  /// one, between pieces with their lengths. `00` would start one in punycode, which is a length and text
  /// too.
  private mutating func skipIdentifier() -> Bool {
    var hasWords = false
    if rest.first == UInt8(ascii: "0") {
      rest.removeFirst()
      if rest.first == UInt8(ascii: "0") { rest.removeFirst() } else { hasWords = true }
    }
    repeat {
      while hasWords, let letter = rest.first, isLetter(letter) {
        rest.removeFirst()
        if letter < UInt8(ascii: "a") { hasWords = false }
      }
      if rest.first == UInt8(ascii: "0") {
        rest.removeFirst()
        return true
      }
      guard skipText() else { return false }
    } while hasWords
    return true
  }

  private mutating func skipText() -> Bool {
    let digits = rest.prefix(while: isDigit)
    guard (1...4).contains(digits.count) else { return false }
    let count = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    rest.removeFirst(digits.count)
    guard count > 0, count <= rest.count else { return false }
    rest.removeFirst(count)
    return true
  }

  private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}
