import Parallel

extension String {
  /// Without what would steer a terminal or break a line; what is longer than `limit` characters is cut.
  func printable(limit: Int) -> String {
    var text = ""
    for scalar in unicodeScalars {
      if scalar.properties.generalCategory == .control {
        text += scalar.escaped(asASCII: true)
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text.count <= limit ? text : text.prefix(limit) + "…"
  }
}

extension FilePath {
  /// For people: bytes that are no text are replaced.
  var printable: String { string.printable(limit: .max) }
}
