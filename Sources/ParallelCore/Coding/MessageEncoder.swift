/// Turns an `Encodable` value into a message for another process of the same build.
///
/// ```swift
/// struct Job: Codable { var id: Int; var words: [String: Int] }
/// let message = try MessageEncoder().encode(Job(id: 7, words: ["a": 1]))
/// ```
///
/// Arrays of numbers are copied as memory, a `FilePath` keeps its exact bytes, and a `FileDescriptor` is duplicated
/// into the message. Like every `Codable` coder it does not tell `.some(nil)` from `nil` in a doubly optional
/// value. A key written twice into one container makes a message that the decoder refuses.
package struct MessageEncoder: Sendable {
  /// What a message may hold.
  package var limits: MessageLimits

  /// What the values' `encode(to:)` finds in its encoder.
  package var userInfo: [CodingUserInfoKey: any Sendable]

  /// Creates an encoder.
  package init(limits: MessageLimits = .standard, userInfo: [CodingUserInfoKey: any Sendable] = [:]) {
    self.limits = limits
    self.userInfo = userInfo
  }

  /// Encodes a value. Descriptors in it stay the caller's; the message has duplicates (see ``EncodedMessage``).
  ///
  /// Does not block. Throws an `EncodingError` when the value exceeds a limit, uses its encoder in a way no decoder
  /// could read, or has a descriptor that can't be duplicated; and whatever the value's `encode(to:)` throws. Then
  /// no descriptor is left open.
  package func encode<T: Encodable>(_ value: T) throws -> EncodedMessage {
    try withEncoded(value) { message in
      EncodedMessage(bytes: message.bytes(), descriptors: message.descriptors)
    }
  }

  /// Encodes a value, and lends the message to `body`, which writes it to where it is to go without an array between.
  ///
  /// When `body` returns, the message's descriptors belong to the caller; when it throws, they are closed. Throws what
  /// ``encode(_:)`` throws, before `body` is called, and what `body` throws. `body` may use coders of its own.
  package func withEncoded<T: Encodable, Result>(
    _ value: T, _ body: (borrowing PendingMessage) throws -> Result
  ) throws -> Result {
    try EncodingSession.withSession { session in
      session.begin(limits: limits, userInfo: userInfo)
      do {
        try session.encode(value)
        let result = try body(try PendingMessage(session))
        session.end()
        return result
      } catch {
        session.closeDescriptors()
        guard let malformed = error as? Malformed else { throw error }
        throw EncodingError.invalidValue(
          value, .init(codingPath: [], debugDescription: "\(malformed.reason)"))
      }
    }
  }
}
