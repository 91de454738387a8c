/// What a character is to words.
enum CharacterRole {
  /// Part of a word, also a digit or apostrophe; its lower case in UTF-8.
  case letter([UInt8])
  /// Part of the word before it.
  case accent
  case separator

  static func of(_ scalar: Unicode.Scalar) -> CharacterRole {
    scalar.value < common.count ? common[Int(scalar.value)] : CharacterRole(scalar)
  }

  /// Asking Unicode's tables takes 50 ns or more. All that has two bytes in UTF-8 is kept here: the alphabets of Europe
  /// and the Near East.
  private static let common = (0..<0x800).map { (value: UInt32) in CharacterRole(Unicode.Scalar(value)!) }

  private init(_ scalar: Unicode.Scalar) {
    let properties = scalar.properties
    switch (scalar, properties.generalCategory) {
    case ("'", _), ("\u{2019}", _): self = .letter([UInt8(ascii: "'")])
    case (_, .decimalNumber): self = .letter(Array(UTF8.encode(scalar)!))
    case _ where properties.isAlphabetic: self = .letter(Array(properties.lowercaseMapping.utf8))
    case (_, .nonspacingMark), (_, .spacingMark), (_, .enclosingMark): self = .accent
    default: self = .separator
    }
  }
}
