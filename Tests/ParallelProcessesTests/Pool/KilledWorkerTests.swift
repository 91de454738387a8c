import Glibc
import Parallel
import ParallelCore
import SystemPackage
import TestSupport
import Testing

/// Workers that somebody else kills.
@Suite(.timeLimit(.minutes(10))) struct KilledWorkerTests {
  /// With a descriptor a result goes through the socket, however large it is.
  private struct HeavyResult: Codable, Sendable {
    var null: FileDescriptor
    var bytes: [UInt8]
  }

  private struct SendsWhileWatched: WorkerTask {
    static let size = 64_000_000

    /// A thread of the worker kills the process as soon as a part of the result waits in the lane's socket.
    func run() throws -> HeavyResult {
      var thread = pthread_t()
      pthread_create(&thread, nil, killWhenResultIsUnderWay, nil)
      pthread_detach(thread)
      let null = try FileDescriptor.open("/dev/null", .readOnly)
      return HeavyResult(null: null, bytes: [UInt8](repeating: 5, count: Self.size))
    }
  }

  @Test func `an idle worker that was killed is replaced and blamed on nobody`() async throws {
    try await withProcessPool(workers: 2) { pool async throws in
      #expect(try await pool.map((0..<10).map { Add(a: $0) }) == Array(1...10))
      try await eventually("both are ready") { pool.workerProcessIDs.count == 2 }
      let before = pool.workerProcessIDs
      for worker in before { kill(worker, SIGKILL) }
      try await eventually("both are replaced") {
        let now = pool.workerProcessIDs
        return now.count == 2 && Set(now).isDisjoint(with: before)
      }
      #expect(try await pool.map((0..<100).map { Add(a: $0) }) == Array(1...100))
    }
  }

  @Test(arguments: [SIGKILL, SIGSEGV, SIGQUIT, SIGTERM])
  func `a running worker that was killed fails its task alone`(signal: Int32) async throws {
    try await withProcessPool(workers: 1, environment: .withoutBacktraces) { pool async throws in
      let worker = try await pool.run(ProcessID())
      let begun = try Gate()
      let spinning = pool.submit(Spin(begun: begun))
      let others = (0..<100).map { pool.submit(Add(a: $0)) }
      try await begun.opened()
      kill(worker, signal)
      let report = try await crash { try await spinning.value }
      #expect(report.worker == worker)
      #expect(report.status.matches(.signal(signal)), "\(report)")
      for (number, other) in others.enumerated() { #expect(try await other.value == number + 1) }
    }
  }

  @Test func `a stopped worker that was killed fails its task`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let worker = try await pool.run(ProcessID())
      let begun = try Gate()
      let spinning = pool.submit(Spin(begun: begun))
      try await begun.opened()
      kill(worker, SIGSTOP)
      try await eventually("it is stopped") { ProcessEntry(worker)?.state == "T" }
      kill(worker, SIGKILL)
      #expect(try await crash { try await spinning.value }.status.matches(.signal(SIGKILL)))
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }

  @Test func `a stopped and continued worker loses nothing`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let worker = try await pool.run(ProcessID())
      kill(worker, SIGSTOP)
      try await eventually("it is stopped") { ProcessEntry(worker)?.state == "T" }
      let futures = (0..<100).map { pool.submit(Add(a: $0)) }
      #expect(try await !futures[99].wait(timeout: .milliseconds(20)))
      kill(worker, SIGCONT)
      for (number, future) in futures.enumerated() { #expect(try await future.value == number + 1) }
      #expect(try await pool.run(ProcessID()) == worker)
    }
  }

  @Test func `half a result is no result`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      var crashes = 0
      // Where the killing thread comes too late the result is complete: then it must be right, and another try is due.
      for _ in 0..<50 where crashes < 3 {
        do {
          let result = try await pool.run(SendsWhileWatched())
          try result.null.close()
          #expect(result.bytes == [UInt8](repeating: 5, count: SendsWhileWatched.size))
        } catch let failure as WorkerFailure {
          #expect(failure.crashReport?.status.matches(.signal(SIGKILL)) == true, "\(failure)")
          crashes += 1
        }
        #expect(try await pool.run(Add(a: 1)) == 2)
      }
      #expect(crashes > 0)
    }
  }
}

private func killWhenResultIsUnderWay(_: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  /// The lane's number in a worker, and what asks for the bytes in a socket that were not yet read.
  let lane: Int32 = 3
  let unsentBytes = UInt(TIOCOUTQ)
  var waiting: Int32 = 0
  while true {
    if ioctl(lane, unsentBytes, &waiting) == 0, waiting > 100_000 { kill(getpid(), SIGKILL) }
  }
}
