import Glibc
import ParallelCore
import SystemPackage
import Testing

/// Messages that are passed on as memory.
@Suite struct SealedMemoryTests {
  private static let large = [Double](repeating: 1.5, count: 100_000)

  /// The message's bytes as a receiver sees them.
  private static func bytes(in message: OutgoingMessage) throws -> [UInt8] {
    let memory = try #require(message.memory)
    let copy = try SystemCalls.duplicate(#require(memory.descriptor))
    return try SealedMemory(receiving: copy, count: memory.count).withUnsafeBytes { Array($0) }
  }

  private static func check<T: Codable & Equatable>(_ value: T) throws {
    let bytes = try bytes(in: MessageEncoder().encodeOutgoing(value))
    #expect(try bytes == MessageEncoder().encode(value).bytes)
    #expect(try MessageDecoder().decode(T.self, from: bytes) == value)
  }

  @Test func largeValuesAreWrittenStraightToMemory() throws {
    try Self.check(Self.large)
    try Self.check(String(repeating: "äb", count: 200_000))
    try Self.check((0..<200_000).map { Point(id: $0, name: "p", weight: 1) })
    // Pieces of all sizes, one behind the other.
    try Self.check((0..<40).map { [Int32](repeating: Int32($0), count: 1 << ($0 % 18)) })
  }

  @Test func whatIsSmallOrHasDescriptorsTravelsAsBytes() throws {
    #expect(try MessageEncoder().encodeOutgoing(5).memory == nil)
    struct WithFile: Encodable {
      var values = SealedMemoryTests.large
      var file = FileDescriptor.standardInput
    }
    let message = try MessageEncoder().encodeOutgoing(WithFile())
    defer { message.closeDescriptors() }
    #expect(message.memory == nil && message.descriptors.count == 1 && !message.payload.isEmpty)
  }

  @Test func nobodyCanChangeIt() throws {
    let message = try MessageEncoder().encodeOutgoing(Self.large)
    let memory = try #require(message.memory)
    let descriptor = try #require(memory.descriptor)
    #expect(throws: Errno.notPermitted) { try descriptor.writeAll(toAbsoluteOffset: 0, [1]) }
    #expect(throws: Errno.notPermitted) { try descriptor.resize(to: 0) }
    #expect(throws: Errno.notPermitted) { try SystemCalls.map(descriptor, size: memory.count) }
  }

  /// Who changes an array that somebody else holds copies it.
  @Test func theValueIsNotHeldAfterwards() throws {
    var values = Self.large.map { $0 + 1 }
    let place = values.withUnsafeBufferPointer { $0.baseAddress }
    _ = try MessageEncoder().encodeOutgoing(values)
    values[0] = 0
    #expect(values.withUnsafeBufferPointer { $0.baseAddress } == place)
  }

  @Test func aFailureWhileItIsFilledClosesTheDescriptor() throws {
    let name = "sealed-fill-fails"
    #expect(throws: Errno.noSpace) {
      try SystemCalls.createSealedMemory(name: name, size: 10) { file throws(Errno) in
        #expect(OpenFiles.count(containing: name) == 1)
        throw .noSpace
      }
    }
    #expect(OpenFiles.count(containing: name) == 0)
  }

  #if DEBUG
    @Test(arguments: [SystemCalls.Name.createMemory, .write, .seal])
    func whereTheSystemIsShortItTravelsAsBytes(call: SystemCalls.Name) throws {
      let message = try FaultInjection.inject(.noMemory, into: call) {
        try MessageEncoder().encodeOutgoing(Self.large)
      }
      #expect(message.memory == nil)
      #expect(try MessageDecoder().decode([Double].self, from: message.payload) == Self.large)
    }

    @Test func anInterruptedWriteGoesOn() throws {
      try FaultInjection.inject(.interrupted, into: .write, times: 5) { try Self.check(Self.large) }
    }

    @Test func aFailedSealClosesTheDescriptor() throws {
      let name = "sealed-seal-fails"
      FaultInjection.inject(.noMemory, into: .seal) {
        _ = #expect(throws: Errno.noMemory) {
          try SystemCalls.createSealedMemory(name: name, size: 10) { _ throws(Errno) in }
        }
      }
      #expect(OpenFiles.count(containing: name) == 0)
    }
  #endif
}
