package import ParallelCore

/// A reference travels as one run of bytes: short, and read with our own bounds on size and depth whatever
/// coder carries it. All numbers are little-endian base-128 varints; lengths stand before what they measure.
///
///     node  = 0 length text | 1 image offset count node*
///     image = 0 length bytes | 1 device inode size modified
extension TypeReference: Codable {
  /// The reference as bytes.
  package var bytes: [UInt8] {
    var writer = ReferenceWriter()
    writer.write(node)
    return writer.bytes
  }

  /// Reads what `bytes` returned in another process.
  ///
  /// Throws `.coding` for anything else. That this succeeds says nothing of whether the type exists.
  package init(bytes: [UInt8]) throws(ParallelError) {
    guard bytes.count <= Limit.bytes else { throw ReferenceReader.malformed }
    var reader = ReferenceReader(rest: bytes[...])
    node = try reader.readNode(depth: 0)
    guard reader.rest.isEmpty else { throw ReferenceReader.malformed }
  }

  package init(from decoder: any Decoder) throws {
    try self.init(bytes: decoder.singleValueContainer().decode([UInt8].self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(bytes)
  }
}
