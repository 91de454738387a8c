package import SystemPackage

/// Turns a message back into a value. The sender need not be trusted: malformed bytes throw, whatever they are,
/// and claim no more memory than in proportion to their number.
///
/// ```swift
/// let job = try MessageDecoder().decode(Job.self, from: message.bytes, descriptors: message.descriptors)
/// ```
///
/// Decoding takes ownership of the descriptors. Each is handed to the first `FileDescriptor` value that names it, and
/// belongs to that value from then on. Those that no value took are closed before `decode` returns or throws.
/// If it throws, a descriptor that a value had taken is not closed: a type that owns its descriptor closes it in
/// its `deinit`, and a second close could hit a stranger. So give such a type the descriptor first of all.
package struct MessageDecoder: Sendable {
  /// What a message may hold.
  package var limits: MessageLimits

  /// What the values' `init(from:)` finds in its decoder.
  package var userInfo: [CodingUserInfoKey: any Sendable]

  /// Creates a decoder.
  package init(limits: MessageLimits = .standard, userInfo: [CodingUserInfoKey: any Sendable] = [:]) {
    self.limits = limits
    self.userInfo = userInfo
  }

  /// Decodes a value from a whole message. Does not block.
  ///
  /// Throws a `DecodingError`: `dataCorrupted` for bytes that no encoder writes and for numbers out of range,
  /// `typeMismatch`, `valueNotFound` and `keyNotFound` for a message that is not of this type; and whatever the
  /// value's `init(from:)` throws.
  package func decode<T: Decodable>(
    _ type: T.Type, from bytes: [UInt8], descriptors: [FileDescriptor] = []
  ) throws -> T {
    try bytes.withUnsafeBytes { try decode(type, from: $0, descriptors: descriptors) }
  }

  /// Decodes a value from a message that is a part of something larger.
  package func decode<T: Decodable>(
    _ type: T.Type, from bytes: ArraySlice<UInt8>, descriptors: [FileDescriptor] = []
  ) throws -> T {
    try bytes.withUnsafeBytes { try decode(type, from: $0, descriptors: descriptors) }
  }

  /// Decodes a value from a message that lies somewhere in memory, without copying it first.
  package func decode<T: Decodable>(
    _ type: T.Type, from bytes: RawSpan, descriptors: [FileDescriptor] = []
  ) throws -> T {
    try bytes.withUnsafeBytes { try decode(type, from: $0, descriptors: descriptors) }
  }

  /// Decodes a value from a message that lies somewhere in memory, without copying it first.
  ///
  /// Nobody may change the bytes before the call returns. Memory that an untrusted process can write to has to be
  /// copied first: a string could change between its validation and its use.
  package func decode<T: Decodable>(
    _ type: T.Type, from bytes: UnsafeRawBufferPointer, descriptors: [FileDescriptor] = []
  ) throws -> T {
    try DecodingSession.withSession { session in
      do {
        try session.begin(bytes, descriptors: descriptors, limits: limits, userInfo: userInfo)
        let value = try session.decode(type)
        session.end(failed: false)
        return value
      } catch {
        session.end(failed: true)
        guard let malformed = error as? Malformed else { throw error }
        throw DecodingError.dataCorrupted(
          .init(codingPath: [], debugDescription: "\(malformed.reason)"))
      }
    }
  }
}
