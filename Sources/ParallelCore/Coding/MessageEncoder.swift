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
    let session = EncodingSession(limits: limits, userInfo: userInfo)
    defer { session.end() }
    let root = session.makeFrame(in: session.body, under: nil, key: nil)
    defer { root.abandon() }
    do {
      if case .none = SpecialType(T.self) {
        try value.encode(to: FrameEncoder(frame: root))
        try root.close()
      } else {
        var container = SingleValueWriter(frame: root)
        try container.encode(value)
      }
      if let failure = session.failure { throw failure }
      return EncodedMessage(bytes: try session.assemble(), descriptors: session.descriptors)
    } catch let error as Malformed {
      session.closeDescriptors()
      throw EncodingError.invalidValue(value, .init(codingPath: [], debugDescription: "\(error.reason)"))
    } catch {
      session.closeDescriptors()
      throw error
    }
  }
}
