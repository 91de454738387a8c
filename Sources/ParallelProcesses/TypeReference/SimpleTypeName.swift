/// Tells mangled names that are cheap to look up from all others.
///
/// In a mangled name each part can refer back to earlier parts, so that a hundred bytes can spell a type with
/// more elements than there is memory. A name from a worker may therefore only use what names of ordinary
/// types need (modules, nominal types, extensions, generic arguments), with a bound on references and on generic
/// types: each of these at most doubles what came before, and it takes one of both to do so.
///
/// Tuples, functions, existentials and packs are not among them: no error that is thrown needs these.
enum SimpleTypeName {
  /// References and generic types together.
  static let compositionLimit = 16

  static func matches(_ name: String) -> Bool {
    var scanner = Scanner(rest: Array(name.utf8)[...])
    while !scanner.rest.isEmpty {
      guard scanner.skipOperator(), scanner.compositions <= compositionLimit else { return false }
    }
    return true
  }
}

/// Walks a name operator by operator, exactly as the runtime's demangler does for those that it knows.
private struct Scanner {
  var rest: ArraySlice<UInt8>
  var compositions = 0

  mutating func skipOperator() -> Bool {
    guard let first = rest.first else { return false }
    if isDigit(first) { return skipIdentifier() }
    rest.removeFirst()
    switch first {
    case UInt8(ascii: "V"), UInt8(ascii: "O"), UInt8(ascii: "C"),  // struct, enum, class
      UInt8(ascii: "E"), UInt8(ascii: "s"),  // extension, the module Swift
      UInt8(ascii: "y"), UInt8(ascii: "_"):  // lists
      return true
    case UInt8(ascii: "G"):
      compositions += 1
      return true
    case UInt8(ascii: "S"): return skipStandardType()
    case UInt8(ascii: "A"): return skipReferences()
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
  /// one, between pieces with their lengths. `00` would start one in punycode, which is a length and text too.
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
