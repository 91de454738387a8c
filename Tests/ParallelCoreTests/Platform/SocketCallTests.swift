import Glibc
import ParallelCore
import SystemPackage
import Testing

@Suite struct SocketCallTests {
  @Test func headAndBodyAreOneStream() throws {
    try withSocketPair { (left, right) throws in
      #expect(try send([1, 2], then: [3, 4, 5], over: left) == 5)
      #expect(try receive(10, from: right).bytes == [1, 2, 3, 4, 5])
    }
  }

  @Test(arguments: [0, 1, 2, 63, 64]) func descriptorsArriveWithTheFirstByte(count: Int) throws {
    let (readEnd, writeEnd) = try SystemCalls.pipe()
    let pipe = try #require(OpenFiles.target(of: readEnd))
    defer { [readEnd, writeEnd].forEach(SystemCalls.close) }
    try withSocketPair { (left, right) throws in
      #expect(try send([9, 8], Array(repeating: readEnd, count: count), over: left) == 2)
      let first = try receive(1, from: right)
      #expect(first.bytes == [9])
      #expect(first.descriptors.count == count)
      for descriptor in first.descriptors {
        #expect(OpenFiles.target(of: descriptor) == pipe)
        #expect(fcntl(descriptor.rawValue, F_GETFD) & FD_CLOEXEC != 0)
      }
      first.descriptors.forEach(SystemCalls.close)
      let second = try receive(1, from: right)
      #expect(second.bytes == [8])
      #expect(second.descriptors.isEmpty)
    }
    #expect(OpenFiles.targets().count { $0 == pipe } == 2)
  }

  @Test func moreThanSixtyFourAreRefusedAndNothingIsSent() throws {
    try withSocketPair { (left, right) throws in
      let tooMany = Array(repeating: left, count: SystemCalls.maxPassedDescriptors + 1)
      #expect(throws: Errno(rawValue: E2BIG)) { try send([1], tooMany, over: left) }
      #expect(throws: Errno.wouldBlock) { try receive(1, from: right) }
    }
  }

  @Test func aBadDescriptorIsRefusedAndNothingIsSent() throws {
    try withSocketPair { (left, right) throws in
      #expect(throws: Errno.badFileDescriptor) {
        try send([1], [left, FileDescriptor(rawValue: -1)], over: left)
      }
      #expect(throws: Errno.wouldBlock) { try receive(1, from: right) }
    }
  }

  @Test func receivedDescriptorsAreAppended() throws {
    try withSocketPair { (left, right) throws in
      _ = try send([1], [left], over: left)
      var descriptors = [FileDescriptor.standardInput]
      var byte: UInt8 = 0
      _ = try withUnsafeMutableBytes(of: &byte) {
        try SystemCalls.receive(right, into: $0, descriptors: &descriptors, blocking: true)
      }
      #expect(descriptors.count == 2)
      #expect(descriptors[0] == .standardInput)
      SystemCalls.close(descriptors[1])
    }
  }

  @Test func aClosedPeerIsTheEndForReadersAndAnErrorForWriters() throws {
    let (left, right) = try SystemCalls.socketPair()
    defer { SystemCalls.close(left) }
    SystemCalls.close(right)
    #expect(try receive(1, from: left).bytes == [])
    // As an error, not as a signal that would end this process.
    #expect(throws: Errno.brokenPipe) { try send([1], over: left) }
  }

  @Test func anEndedStreamEndsOnBothSides() throws {
    try withSocketPair { (left, right) throws in
      SystemCalls.endStream(left)
      SystemCalls.endStream(left)
      #expect(try receive(1, from: left).bytes == [])
      #expect(try receive(1, from: right).bytes == [])
      #expect(throws: Errno.brokenPipe) { try send([1], over: right) }
    }
  }

  @Test func aFullSocketTakesNothingMoreUntilItIsRead() throws {
    try withSocketPair { (left, right) throws in
      let chunk = [UInt8](repeating: 1, count: 64 << 10)
      var sent = 0
      while let count = try? send(chunk, over: left) { sent += count }
      #expect(throws: Errno.wouldBlock) { try send(chunk, over: left) }
      var received = 0
      while let count = try? receive(64 << 10, from: right).bytes.count { received += count }
      #expect(received == sent)
      SystemCalls.waitForRoom(left)
      #expect(try send([1], over: left) == 1)
    }
  }
}
