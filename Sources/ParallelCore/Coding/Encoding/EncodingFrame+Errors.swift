extension EncodingFrame {
  func failMisuse() { session.fail(misuse()) }

  func misuse() -> EncodingError {
    if phase == .closed { return invalid("A container was used after its value was finished.") }
    if phase == .busy { return invalid("A container was used while a value inside it was being encoded.") }
    return invalid("A value was written as two different kinds of container.")
  }

  func tooLarge() -> EncodingError { invalid("The message is larger than the limit.") }

  func tooDeep() -> EncodingError { invalid("The value is nested too deeply.") }

  func invalid(_ description: String, _ value: Any = (), underlying: (any Error)? = nil) -> EncodingError {
    .invalidValue(
      value, .init(codingPath: codingPath, debugDescription: description, underlyingError: underlying))
  }
}
