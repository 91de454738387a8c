/// How large a message may be. Both sides check: the encoder so that a mistake is found where it is made, the
/// decoder so that a peer can't exhaust this process.
///
/// ```swift
/// var limits = MessageLimits.standard
/// limits.byteCount = 1 << 20
/// let decoder = MessageDecoder(limits: limits)
/// ```
package struct MessageLimits: Sendable, Hashable {
  /// The deepest nesting of values and containers. Each level costs stack on both sides.
  package var depth: Int

  /// The largest message in bytes, header and key table included. Never more than `UInt32.max`.
  package var byteCount: Int {
    didSet { byteCount = min(byteCount, Self.addressableByteCount) }
  }

  /// The most elements of one container.
  package var elementCount: Int

  /// The most distinct keys of one message.
  package var keyCount: Int

  /// The most descriptors of one message. A lane passes at most 64 with one frame.
  package var descriptorCount: Int

  /// Creates limits.
  package init(
    depth: Int = 512, byteCount: Int = Int(UInt32.max), elementCount: Int = Int(UInt32.max),
    keyCount: Int = 1 << 24, descriptorCount: Int = SystemCalls.maxPassedDescriptors
  ) {
    self.depth = depth
    self.byteCount = min(byteCount, Self.addressableByteCount)
    self.elementCount = elementCount
    self.keyCount = keyCount
    self.descriptorCount = descriptorCount
  }

  /// What fits any task: 512 levels, just under 4 GiB, 64 descriptors.
  package static let standard = MessageLimits()

  /// Lengths travel as 32-bit numbers.
  private static let addressableByteCount = Int(UInt32.max)
}
