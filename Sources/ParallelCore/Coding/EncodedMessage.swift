package import SystemPackage

/// A value as bytes, with duplicates of the descriptors it mentions.
///
/// The message owns its descriptors: whoever holds it passes them on (and closes its own copies once they are
/// sent) or calls ``closeDescriptors()``. They are marked close-on-exec. Copying the struct does not duplicate them.
///
/// ```swift
/// var message = try MessageEncoder().encode(FileDescriptor.standardOutput)
/// defer { message.closeDescriptors() }
/// ```
package struct EncodedMessage: Sendable {
  /// The message in the form ``MessageDecoder`` reads.
  package var bytes: [UInt8]

  /// The descriptors that travel beside the bytes, in the order the bytes count them.
  package var descriptors: [FileDescriptor]

  /// Creates a message; it takes ownership of the descriptors.
  package init(bytes: [UInt8], descriptors: [FileDescriptor] = []) {
    self.bytes = bytes
    self.descriptors = descriptors
  }

  /// Closes the descriptors and forgets them. Does nothing the second time.
  package mutating func closeDescriptors() {
    descriptors.forEach(SystemCalls.close)
    descriptors = []
  }
}
