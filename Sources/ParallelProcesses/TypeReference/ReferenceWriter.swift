/// Writes the byte form of type references.
struct ReferenceWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write(_ node: TypeReference.Node) {
    switch node {
    case .name(let name):
      bytes.append(0)
      write(Array(name.utf8))
    case .descriptor(let image, let offset, let arguments):
      bytes.append(1)
      write(image)
      write(UInt64(offset))
      write(UInt64(arguments.count))
      for argument in arguments { write(argument) }
    }
  }

  mutating func write(_ image: ImageIdentity) {
    switch image {
    case .buildID(let id):
      bytes.append(0)
      write(id)
    case .file(let device, let inode, let size, let modified):
      bytes.append(1)
      for number in [device, inode, UInt64(bitPattern: size), UInt64(bitPattern: modified)] { write(number) }
    }
  }

  private mutating func write(_ text: [UInt8]) {
    write(UInt64(text.count))
    bytes += text
  }

  private mutating func write(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
