import Glibc
import ParallelCore
import SystemPackage
import Testing

@Suite("Messages: descriptors", .serialized)
struct MessageDescriptorTests {
  struct Holder: Codable {
    var first: FileDescriptor
    var name: String
    var second: FileDescriptor
  }

  struct Refusal: Error {}
  struct Refuser: Codable {
    var descriptor: FileDescriptor
    init(_ descriptor: FileDescriptor) { self.descriptor = descriptor }
    func encode(to encoder: any Encoder) throws {
      var container = encoder.unkeyedContainer()
      try container.encode(descriptor)
      throw Refusal()
    }
    init(from decoder: any Decoder) throws { throw Refusal() }
  }

  /// Descriptors that refer to this pipe: other tests of the process open and close their own meanwhile.
  func openCount(of pipe: Pipe) throws -> Int {
    OpenFiles.count(containing: "pipe:[\(pipe.inode)]")
  }

  struct Pipe {
    var ends: (readEnd: FileDescriptor, writeEnd: FileDescriptor)
    var inode: ino_t

    init() throws {
      ends = try FileDescriptor.pipe()
      var information = stat()
      #expect(fstat(ends.readEnd.rawValue, &information) == 0)
      inode = information.st_ino
    }

    func close() throws {
      try ends.readEnd.close()
      try ends.writeEnd.close()
    }
  }

  func withPipe(_ body: (Pipe) throws -> Void) throws {
    let pipe = try Pipe()
    defer { try? pipe.close() }
    try body(pipe)
    #expect(try openCount(of: pipe) == 2, "descriptors leaked")
  }

  @Test func travelAsDuplicates() throws {
    try withPipe { pipe in
      let holder = Holder(first: pipe.ends.readEnd, name: "n", second: pipe.ends.writeEnd)
      let message = try MessageEncoder().encode(holder)
      #expect(message.descriptors.count == 2)
      #expect(try openCount(of: pipe) == 4)
      for descriptor in message.descriptors {
        #expect(fcntl(descriptor.rawValue, F_GETFD) & FD_CLOEXEC != 0)
      }
      let copy = try MessageDecoder().decode(
        Holder.self, from: message.bytes, descriptors: message.descriptors)
      #expect(try openCount(of: pipe) == 4)
      #expect(copy.first != holder.first)
      try copy.second.writeAll([7])
      var received: [UInt8] = [0]
      let count = try received.withUnsafeMutableBytes { try copy.first.read(into: $0) }
      #expect(count == 1)
      #expect(received == [7])
      try copy.first.close()
      try copy.second.close()
    }
  }

  @Test func noMoreThanALanePasses() throws {
    try withPipe { pipe in
      let most = SystemCalls.maxPassedDescriptors
      #expect(MessageLimits.standard.descriptorCount == most)
      var message = try MessageEncoder().encode(Array(repeating: pipe.ends.readEnd, count: most))
      #expect(message.descriptors.count == most)
      message.closeDescriptors()
      #expect(throws: EncodingError.self) {
        try MessageEncoder().encode(Array(repeating: pipe.ends.readEnd, count: most + 1))
      }
    }
  }

  @Test func aMessageClosesItsOwn() throws {
    try withPipe { pipe in
      var message = try MessageEncoder().encode([pipe.ends.readEnd, pipe.ends.readEnd])
      #expect(message.descriptors.count == 2)
      message.closeDescriptors()
      message.closeDescriptors()
      #expect(message.descriptors.isEmpty)
    }
  }

  @Test func failedEncodingClosesDuplicates() throws {
    try withPipe { pipe in
      #expect(throws: Refusal.self) { try MessageEncoder().encode(Refuser(pipe.ends.readEnd)) }
      let limits = MessageLimits(descriptorCount: 1)
      #expect(throws: EncodingError.self) {
        try MessageEncoder(limits: limits).encode([pipe.ends.readEnd, pipe.ends.readEnd])
      }
      #expect(throws: EncodingError.self) {
        try MessageEncoder().encode([pipe.ends.readEnd, FileDescriptor(rawValue: -1)])
      }
    }
  }

  @Test func whatNobodyTakesIsClosed() throws {
    try withPipe { pipe in
      let message = try MessageEncoder().encode(Pair(first: pipe.ends.readEnd, second: 1))
      struct Second: Decodable { var second: Int }
      let value = try MessageDecoder().decode(
        Second.self, from: message.bytes, descriptors: message.descriptors)
      #expect(value.second == 1)
      #expect(try openCount(of: pipe) == 2)

      let other = try MessageEncoder().encode([pipe.ends.readEnd])
      #expect(throws: Refusal.self) {
        try MessageDecoder().decode(Refuser.self, from: other.bytes, descriptors: other.descriptors)
      }
      #expect(try openCount(of: pipe) == 2)

      let third = try MessageEncoder().encode([pipe.ends.readEnd])
      #expect(throws: DecodingError.self) {
        try MessageDecoder().decode([Int].self, from: [1, 2, 3], descriptors: third.descriptors)
      }
    }
  }

  @Test func eachIsTakenOnce() throws {
    try withPipe { pipe in
      var message = try MessageEncoder().encode([pipe.ends.readEnd, pipe.ends.readEnd])
      // The second element's index, with no key table behind it, is the last word.
      message.bytes[message.bytes.count - 4] = 0
      let error = #expect(throws: DecodingError.self) {
        try MessageDecoder().decode(
          [FileDescriptor].self, from: message.bytes, descriptors: message.descriptors)
      }
      guard case .dataCorrupted = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      // The first was taken and, as documented, belongs to the value that took it.
      try message.descriptors[0].close()
    }
  }

  @Test func aMessageWrittenInPlaceClosesThemWhenItsBodyThrows() throws {
    try withPipe { pipe in
      let kept = try MessageEncoder().withEncoded(pipe.ends.readEnd) { $0.descriptors }
      #expect(kept.count == 1)
      try kept[0].close()
      #expect(throws: Refusal.self) {
        try MessageEncoder().withEncoded(pipe.ends.readEnd) { message in
          #expect(message.descriptors.count == 1)
          throw Refusal()
        }
      }
    }
  }

  @Test func anIndexOutOfRange() throws {
    try withPipe { pipe in
      var message = try MessageEncoder().encode(pipe.ends.readEnd)
      #expect(throws: DecodingError.self) {
        try MessageDecoder().decode(FileDescriptor.self, from: message.bytes)
      }
      message.closeDescriptors()
    }
  }
}
