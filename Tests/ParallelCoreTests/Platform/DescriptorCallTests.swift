import Glibc
import ParallelCore
import SystemPackage
import Testing

@Suite struct DescriptorCallTests {
  @Test func newDescriptorsAreClosedOnExec() throws {
    let (readEnd, writeEnd) = try SystemCalls.pipe()
    let (left, right) = try SystemCalls.socketPair()
    let all = [
      readEnd, writeEnd, left, right, try SystemCalls.createEvent(), try SystemCalls.openNull(),
      try SystemCalls.duplicate(readEnd), try SystemCalls.createMemory(name: "on-exec", size: 1),
    ]
    defer { all.forEach(SystemCalls.close) }
    for descriptor in all { #expect(fcntl(descriptor.rawValue, F_GETFD) & FD_CLOEXEC != 0) }
    #expect(Set(all).count == all.count)
  }

  @Test func aPipePassesBytesAndEnds() throws {
    let (readEnd, writeEnd) = try SystemCalls.pipe()
    defer { SystemCalls.close(readEnd) }
    var bytes: [UInt8] = [1, 2, 3]
    #expect(try bytes.withUnsafeBytes { try SystemCalls.write(writeEnd, $0) } == 3)
    SystemCalls.close(writeEnd)
    bytes = [0, 0, 0, 0]
    #expect(try bytes.withUnsafeMutableBytes { try SystemCalls.read(readEnd, into: $0) } == 3)
    #expect(bytes == [1, 2, 3, 0])
    #expect(try bytes.withUnsafeMutableBytes { try SystemCalls.read(readEnd, into: $0) } == 0)
  }

  @Test func aNonBlockingDescriptorSaysThatItWouldBlock() throws {
    let (readEnd, writeEnd) = try SystemCalls.pipe()
    defer { [readEnd, writeEnd].forEach(SystemCalls.close) }
    try SystemCalls.setNonBlocking(readEnd)
    var byte: UInt8 = 0
    #expect(throws: Errno.wouldBlock) {
      try withUnsafeMutableBytes(of: &byte) { try SystemCalls.read(readEnd, into: $0) }
    }
  }

  @Test func anEventCountsRingsAndIsSilenced() throws {
    let event = try SystemCalls.createEvent()
    defer { SystemCalls.close(event) }
    // Silencing a silent one must not block.
    SystemCalls.silence(event)
    for _ in 0..<3 { SystemCalls.ring(event) }
    SystemCalls.waitForInput(event)
    SystemCalls.silence(event)
    var count: UInt64 = 0
    #expect(throws: Errno.wouldBlock) {
      try withUnsafeMutableBytes(of: &count) { try SystemCalls.read(event, into: $0) }
    }
  }

  @Test func nullIsEmptyAndTakesEverything() throws {
    let null = try SystemCalls.openNull()
    defer { SystemCalls.close(null) }
    var bytes: [UInt8] = [1, 2]
    #expect(try bytes.withUnsafeBytes { try SystemCalls.write(null, $0) } == 2)
    #expect(try bytes.withUnsafeMutableBytes { try SystemCalls.read(null, into: $0) } == 0)
  }

  @Test func badDescriptorsAreErrors() {
    let bad = FileDescriptor(rawValue: -1)
    #expect(throws: Errno.badFileDescriptor) { try SystemCalls.duplicate(bad) }
    #expect(throws: Errno.badFileDescriptor) { try SystemCalls.setNonBlocking(bad) }
    #expect(throws: Errno.badFileDescriptor) { try SystemCalls.map(bad, size: 4096) }
    #expect(throws: Errno.invalidArgument) { try SystemCalls.reap(bad) }
    #expect(throws: Errno.badFileDescriptor) { try SystemCalls.signal(bad, SIGTERM) }
    // Neither may do anything with it, and in particular not reach another process.
    #expect(throws: Errno.badFileDescriptor) { try SystemCalls.signalGroup(leader: bad, pid: -1, SIGCONT) }
    SystemCalls.ring(bad)
    SystemCalls.silence(bad)
    SystemCalls.close(bad)
  }
}
