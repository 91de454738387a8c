/// The same numbers for the same seed (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  /// Text of common and odd characters, so that words are short and repeat.
  mutating func text(length: Int) -> String {
    let characters = Array("aAbB'09  \n-_.éÉßİΣ\u{301}\u{2019}ж中😀\u{FE0F}\u{85}٣ªⅧ".unicodeScalars)
    var text = ""
    for _ in 0..<length { text.unicodeScalars.append(characters.randomElement(using: &self)!) }
    return text
  }
}
