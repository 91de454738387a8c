package import SystemPackage

/// A message on its way to another process, which may be sent more than once.
package enum OutgoingMessage: Sendable {
  /// To be copied through whatever leads there.
  case bytes(EncodedMessage)
  /// A large one, to be passed on as it is.
  case memory(SealedMemory)

  /// Writes a large message straight to memory of its own, unless it has descriptors, or the system is short of what
  /// that takes.
  package init(_ message: borrowing PendingMessage) {
    if message.byteCount >= SealedMemory.worthwhileSize, message.descriptors.isEmpty,
      let memory = try? SealedMemory(holding: message)
    {
      self = .memory(memory)
    } else {
      self = .bytes(EncodedMessage(bytes: message.bytes(), descriptors: message.descriptors))
    }
  }

  /// Closes the message's own descriptors. To be called once, in the end.
  package func closeDescriptors() { descriptors.forEach(SystemCalls.close) }

  /// The bytes, where they are not in memory.
  package var payload: ArraySlice<UInt8> {
    if case .bytes(let message) = self { message.bytes[...] } else { [] }
  }

  /// What travels beside the bytes.
  package var descriptors: [FileDescriptor] {
    if case .bytes(let message) = self { message.descriptors } else { [] }
  }

  /// What holds the message, where it is large.
  package var memory: SealedMemory? {
    if case .memory(let memory) = self { memory } else { nil }
  }
}

extension MessageEncoder {
  /// Encodes a value to be sent. Throws what ``encode(_:)`` throws.
  package func encodeOutgoing(_ value: some Encodable) throws -> OutgoingMessage {
    try withEncoded(value) { OutgoingMessage($0) }
  }
}
