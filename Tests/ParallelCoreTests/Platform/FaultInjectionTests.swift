#if DEBUG
  import Glibc
  import ParallelCore
  import SystemPackage
  import TestSupport
  import Testing

  /// Each call that can be made fail, does, and goes on where it was only interrupted.
  @Suite struct FaultInjectionTests {
    private struct Call: Sendable, CustomTestStringConvertible {
      var name: SystemCalls.Name
      var body: @Sendable () throws -> Void
      var testDescription: String { "\(name)" }
    }

    private static let calls: [Call] = [
      Call(name: .duplicate) { SystemCalls.close(try SystemCalls.duplicate(.standardInput)) },
      Call(name: .createEvent) { SystemCalls.close(try SystemCalls.createEvent()) },
      Call(name: .createMemory) { try makeMemory() },
      Call(name: .allocate) { try makeMemory() },
      Call(name: .seal) { try makeMemory() },
      Call(name: .map) { SystemCalls.unmap(try SystemCalls.mapPrivate(size: 1)) },
      Call(name: .open) { SystemCalls.close(try SystemCalls.openNull()) },
      Call(name: .pipe) {
        let (readEnd, writeEnd) = try SystemCalls.pipe()
        [readEnd, writeEnd].forEach(SystemCalls.close)
      },
      Call(name: .socketPair) {
        let (left, right) = try SystemCalls.socketPair()
        [left, right].forEach(SystemCalls.close)
      },
      Call(name: .write) { try withNull { try write($0) } },
      Call(name: .read) { try withNull { try read($0) } },
      Call(name: .setFlags) { try withNull(SystemCalls.setNonBlocking) },
      Call(name: .send) { try sendAndReceive() },
      Call(name: .receive) { try sendAndReceive() },
      Call(name: .waitProcess) { try withChild { try waitAndReap($0) } },
      Call(name: .signalProcess) { try withChild { try SystemCalls.signal($0.pidfd, SIGTERM) } },
    ]

    @Test(arguments: calls) private func anErrorIsPassedOn(call: Call) throws {
      FaultInjection.inject(.ioError, into: call.name) {
        _ = #expect(throws: Errno.ioError) { try call.body() }
      }
      #expect(throws: Never.self) { try call.body() }
    }

    @Test(arguments: calls) private func anInterruptionIsRetried(call: Call) throws {
      FaultInjection.inject(.interrupted, into: call.name, times: 100) {
        #expect(throws: Never.self) { try call.body() }
      }
    }

    @Test func skipsAndCounts() {
      func worksNow() -> Bool { (try? SystemCalls.openNull()).map(SystemCalls.close) != nil }
      FaultInjection.inject(.ioError, into: .open, skip: 2, times: 3) {
        #expect((0..<7).map { _ in worksNow() } == [true, true, false, false, false, true, true])
      }
    }

    @Test func hitsItsOwnThreadOnly() throws {
      try FaultInjection.inject(.ioError, into: .open, times: .max) {
        try onThreads(2) { _ in SystemCalls.close(try SystemCalls.openNull()) }
        #expect(throws: Errno.ioError) { try SystemCalls.openNull() }
      }
    }

    @Test func endsWithItsBodyAlsoWhenThatThrows() throws {
      struct Oops: Error {}
      #expect(throws: Oops.self) {
        try FaultInjection.inject(.ioError, into: .open, times: .max) { throw Oops() }
      }
      SystemCalls.close(try SystemCalls.openNull())
    }

    private static func makeMemory() throws {
      SystemCalls.close(try SystemCalls.createMemory(name: "fault", size: 64))
    }

    private static func withNull(_ body: (FileDescriptor) throws -> Void) throws {
      let null = open("/dev/null", O_RDWR | O_CLOEXEC)
      defer { close(null) }
      try body(FileDescriptor(rawValue: null))
    }

    private static func write(_ descriptor: FileDescriptor) throws {
      #expect(try [1, 2].withUnsafeBytes { try SystemCalls.write(descriptor, $0) } == 16)
    }

    private static func read(_ descriptor: FileDescriptor) throws {
      var byte: UInt8 = 0
      #expect(try withUnsafeMutableBytes(of: &byte) { try SystemCalls.read(descriptor, into: $0) } == 0)
    }

    private static func sendAndReceive() throws {
      try withSocketPair { (left, right) throws in
        let sent = try send([5], over: left)
        let received = try receive(1, from: right)
        #expect(sent == 1)
        #expect(received.bytes == [5])
      }
    }

    private static func withChild(_ body: (SpawnedProcess) throws -> Void) throws {
      var plan = SpawnPlan(path: "/bin/true", arguments: [Array("true".utf8)], environment: [])
      plan.leadsProcessGroup = true
      let child = try plan.spawn()
      defer {
        SystemCalls.waitForInput(child.pidfd)
        _ = child.reap()
        SystemCalls.close(child.pidfd)
      }
      try body(child)
    }

    private static func waitAndReap(_ child: SpawnedProcess) throws {
      SystemCalls.waitForInput(child.pidfd)
      #expect(try SystemCalls.reap(child.pidfd)?.status == .exited(0))
    }
  }
#endif
