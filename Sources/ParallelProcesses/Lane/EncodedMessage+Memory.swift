import ParallelCore

extension EncodedMessage {
  /// A copy in memory that is passed on without further copies; nil where the message is too small to be worth it, has
  /// descriptors of its own, or where the system is short of what that takes: then it travels as bytes.
  var inSealedMemory: SealedMemory? {
    guard bytes.count >= SealedMemory.worthwhileSize, descriptors.isEmpty else { return nil }
    return bytes.withUnsafeBytes { try? SealedMemory(copying: $0) }
  }
}
