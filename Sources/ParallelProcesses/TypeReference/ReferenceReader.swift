import ParallelCore

/// Reads the byte form of type references. The input may be anything.
struct ReferenceReader {
  var rest: ArraySlice<UInt8>

  static var malformed: ParallelError {
    ParallelError(.coding, "These bytes are not a type reference, or a longer one than is accepted.")
  }

  mutating func readNode(depth: Int) throws(ParallelError) -> TypeReference.Node {
    guard depth <= TypeReference.Limit.depth else { throw Self.malformed }
    switch rest.popFirst() {
    case 0:
      let text = try readBytes(limit: TypeReference.Source.parent.namePolicy.lengthLimit)
      guard let name = String(validating: text, as: UTF8.self) else { throw Self.malformed }
      return .name(name)
    case 1:
      let image = try readImage()
      let offset = UInt(try readNumber())
      let count = try readNumber()
      guard count <= ArgumentSlots.limit else { throw Self.malformed }
      var arguments: [TypeReference.Node] = []
      for _ in 0..<count { arguments.append(try readNode(depth: depth + 1)) }
      return .descriptor(image: image, offset: offset, arguments: arguments)
    default:
      throw Self.malformed
    }
  }

  private mutating func readImage() throws(ParallelError) -> ImageIdentity {
    switch rest.popFirst() {
    case 0:
      return .buildID(try readBytes(limit: 64))
    case 1:
      return .file(
        device: try readNumber(), inode: try readNumber(), size: Int64(bitPattern: try readNumber()),
        modifiedNanoseconds: Int64(bitPattern: try readNumber()))
    default:
      throw Self.malformed
    }
  }

  private mutating func readBytes(limit: Int) throws(ParallelError) -> [UInt8] {
    let count = try readNumber()
    guard count <= UInt64(min(limit, rest.count)) else { throw Self.malformed }
    defer { rest.removeFirst(Int(count)) }
    return Array(rest.prefix(Int(count)))
  }

  private mutating func readNumber() throws(ParallelError) -> UInt64 {
    var number: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { throw Self.malformed }
      // The tenth byte has room for one bit.
      guard shift < 63 || byte <= 1 else { throw Self.malformed }
      number |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return number }
    }
    throw Self.malformed
  }
}
