/// Words the slow and obvious way: the whole text at once, character by character.
func referenceCounts(_ text: String) -> [String: Int] {
  var counts: [String: Int] = [:]
  var word = ""
  func isAccent(_ scalar: Unicode.Scalar) -> Bool {
    [.nonspacingMark, .spacingMark, .enclosingMark].contains(scalar.properties.generalCategory)
  }
  for scalar in text.unicodeScalars + [" "] {
    let properties = scalar.properties
    if scalar == "'" || scalar == "\u{2019}" {
      word += "'"
    } else if properties.isAlphabetic || properties.generalCategory == .decimalNumber
      || (isAccent(scalar) && !word.isEmpty)
    {
      word.unicodeScalars.append(scalar)
    } else {
      if word.contains(where: { $0 != "'" }) { counts[word.lowercased(), default: 0] += 1 }
      word = ""
    }
  }
  return counts
}
