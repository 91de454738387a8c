import Glibc
import Parallel
import ParallelCore
import SystemPackage
import Testing

/// System calls under conditions that would disturb this process's other tests: in a worker they hold for that alone.
@Suite struct SystemCallsInWorkerTests {
  /// Receives more descriptors than the process may have.
  private struct ReceiveTooMany: WorkerTask {
    struct Report: Codable { var isError: Bool, received: Int, isSecondByteThere: Bool }

    func run() throws -> Report {
      let (left, right) = try SystemCalls.socketPair()
      defer { [left, right].forEach(SystemCalls.close) }
      _ = try [UInt8](repeating: 1, count: 2).withUnsafeBytes {
        try SystemCalls.send(
          left, head: $0, body: .init(start: nil, count: 0), descriptors: Array(repeating: left, count: 10),
          blocking: false)
      }
      let next = try SystemCalls.openNull()
      SystemCalls.close(next)
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      let before = limit
      // Numbers from `next` on are free, perhaps some below are, too: room for some of the ten, not for all.
      limit.rlim_cur = rlim_t(next.rawValue) + 4
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      defer {
        var before = before
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before)
      }
      var descriptors: [FileDescriptor] = []
      defer { descriptors.forEach(SystemCalls.close) }
      var byte: UInt8 = 0
      var isError = false
      do throws(Errno) {
        _ = try withUnsafeMutableBytes(of: &byte) { buffer throws(Errno) in
          try SystemCalls.receive(right, into: buffer, descriptors: &descriptors, blocking: false)
        }
      } catch {
        isError = error == .messageTooLong
      }
      let received = descriptors.count
      let second = try withUnsafeMutableBytes(of: &byte) {
        try SystemCalls.receive(right, into: $0, descriptors: &descriptors, blocking: false)
      }
      return Report(isError: isError, received: received, isSecondByteThere: second == 1)
    }
  }

  /// The kernel reaps children by itself where SIGCHLD is ignored.
  private struct SpawnWithSIGCHLDIgnored: WorkerTask {
    func run() throws -> [ParallelCore.ProcessExitStatus] {
      let previous = signal(SIGCHLD, SIG_IGN)
      defer { signal(SIGCHLD, previous) }
      let plan = SpawnPlan(path: "/bin/false", arguments: [Array("false".utf8)], environment: [])
      return try (0..<50).map { _ in
        let child = try plan.spawn()
        defer { SystemCalls.close(child.pidfd) }
        SystemCalls.waitForInput(child.pidfd)
        return child.reap()?.status ?? .exited(-1)
      }
    }
  }

  /// With SIGCHLD ignored a program that is not there still has to be an error, and must not hang.
  private struct FailToSpawnWithSIGCHLDIgnored: WorkerTask {
    func run() -> Int {
      let previous = signal(SIGCHLD, SIG_IGN)
      defer { signal(SIGCHLD, previous) }
      let plan = SpawnPlan(path: "/nowhere", arguments: [[]], environment: [])
      return (0..<50).count { _ in
        do throws(SpawnError) {
          _ = try plan.spawn()
          return false
        } catch {
          return error.step == .exec && error.errno == .noSuchFileOrDirectory
        }
      }
    }
  }

  private func run<T: WorkerTask>(_ task: T) async throws -> T.Output {
    try await withProcessPool(workers: 1) { try await $0.run(task) }
  }

  @Test func descriptorsThatFindNoRoomAreAnErrorAndTheOthersAreOwned() async throws {
    let report = try await run(ReceiveTooMany())
    #expect(report.isError)
    #expect((1..<10).contains(report.received))
    #expect(report.isSecondByteThere)
  }

  @Test func aStatusThatNobodyCouldTakeIsTheKernelsOrUnknown() async throws {
    let statuses = try await run(SpawnWithSIGCHLDIgnored())
    #expect(statuses.count == 50 && statuses.allSatisfy { [.unknown, .exited(1)].contains($0) })
  }

  @Test func aFailedStartIsAnErrorAlsoWithSIGCHLDIgnored() async throws {
    #expect(try await run(FailToSpawnWithSIGCHLDIgnored()) == 50)
  }
}
