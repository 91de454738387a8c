/// Splits text into words and counts them.
///
/// A word is a run of letters, digits and apostrophes, as long as possible, in lower case. Accents that are characters
/// of their own belong to the letter before. The typographic apostrophe counts as the plain one, and what has neither
/// letter nor digit is no word.
struct WordCounter {
  private static let apostrophe = UInt8(ascii: "'")

  private var table = WordTable()
  /// The word that the text so far ends with; it may go on in the next piece.
  private var word: [UInt8] = []

  /// Counts on in the next piece of the text.
  mutating func add(_ text: UTF8Span) {
    let lowercase = Self.lowercase
    let bytes = text.span
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      guard byte < 0x80 else {
        let length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
        add(Self.scalar(bytes.extracting(index..<(index + length))))
        index += length
        continue
      }
      let lower = lowercase[Int(byte)]
      if lower != 0 { word.append(lower) } else if !word.isEmpty { endWord() }
      index += 1
    }
  }

  /// Ends the text. Words that differ only in how they are encoded (é, or e with an accent) are one.
  mutating func finish() -> [String: Int] {
    endWord()
    return table.counts
  }

  private mutating func endWord() {
    if word.contains(where: { $0 != Self.apostrophe }) { table.count(word) }
    word.removeAll(keepingCapacity: true)
  }

  /// One character beyond ASCII.
  private mutating func add(_ scalar: Unicode.Scalar) {
    switch CharacterRole.of(scalar) {
    case .letter(let lowercase): word.append(contentsOf: lowercase)
    case .accent where !word.isEmpty: word.append(contentsOf: UTF8.encode(scalar)!)
    case .accent, .separator: if !word.isEmpty { endWord() }
    }
  }

  /// For each ASCII character its lower case, or zero where it is not part of words.
  private static let lowercase: [UInt8] = (0..<0x80).map { (byte: UInt8) in
    switch CharacterRole.of(Unicode.Scalar(byte)) {
    case .letter(let lowercase): lowercase[0]
    case .accent, .separator: 0
    }
  }

  /// Of two to four bytes that are known to be one character.
  private static func scalar(_ bytes: Span<UInt8>) -> Unicode.Scalar {
    var value = UInt32(bytes[0]) & (0x7F >> UInt32(bytes.count))
    for index in 1..<bytes.count { value = value << 6 | UInt32(bytes[index] & 0x3F) }
    return Unicode.Scalar(value)!
  }
}
