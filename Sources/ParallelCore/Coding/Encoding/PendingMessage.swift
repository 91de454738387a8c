package import SystemPackage

/// A message that is complete but not yet in one piece: written once, to where it is wanted.
///
/// Valid while the call of ``MessageEncoder/withEncoded(_:_:)`` lasts that hands it out.
///
/// ```swift
/// try MessageEncoder().withEncoded(job) { message in
///   message.write(to: ring.reserve(message.byteCount))
/// }
/// ```
package struct PendingMessage: ~Copyable {
  private let session: EncodingSession

  /// The size of the message.
  package let byteCount: Int

  /// The descriptors that travel beside the bytes, in the order the bytes count them.
  package var descriptors: [FileDescriptor] { session.descriptors }

  @inline(__always)
  init(_ session: EncodingSession) throws {
    self.session = session
    byteCount = try session.finish()
  }

  /// A copy of the message.
  ///
  /// Not inlined into its generic callers, in which the array's own code would not be specialized.
  @inline(never)
  package func bytes() -> [UInt8] {
    // Made from a buffer an array takes a third of the time that it takes otherwise.
    if let bytes = session.body.contiguousBytes { return Array(bytes) }
    return [UInt8](unsafeUninitializedCapacity: byteCount) { target, count in
      write(to: UnsafeMutableRawBufferPointer(target))
      count = byteCount
    }
  }

  /// Writes the message to the beginning of memory that has room for it; its alignment does not matter.
  @inline(__always)
  package func write(to target: UnsafeMutableRawBufferPointer) {
    precondition(target.count >= byteCount, "the message needs \(byteCount) bytes, there are \(target.count)")
    // A message has at least its header, so memory with room for it has an address.
    session.body.copy(to: target.baseAddress.unsafelyUnwrapped)
  }

  /// Writes the message to a file, behind what is there: large arrays and strings straight from where they lie.
  package func write(to file: FileDescriptor) throws(Errno) {
    var writer = PieceWriter(file)
    session.body.forEachPart { writer.write($0) }
    try writer.finish()
  }
}
