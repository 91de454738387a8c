/// One of the three streams that every program has.
enum StandardStream: Int32, CaseIterable {
  case input, output, errors

  /// Its number in the process.
  var number: Int32 { rawValue }

  /// For messages.
  var name: String {
    switch self {
    case .input: "input"
    case .output: "output"
    case .errors: "error output"
    }
  }
}
