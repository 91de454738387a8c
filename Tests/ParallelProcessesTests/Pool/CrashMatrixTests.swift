import Glibc
import Parallel
import ParallelCore
import TestSupport
import Testing

/// Every way to crash, amid other tasks: exactly that task fails.
@Suite(.timeLimit(.minutes(20))) struct CrashMatrixTests {
  @Test(arguments: CrashKind.allCases)
  func `a crash costs one task`(kind: CrashKind) async throws {
    try await withProcessPool(workers: 2) { pool async throws in
      var futures = (0..<50).map { pool.submit(Add(a: $0)) }
      let crashing = pool.submit(Crash(kind: kind))
      futures += (50..<100).map { pool.submit(Add(a: $0)) }
      let report = try await crash { try await crashing.value }
      #expect(report.status.matches(kind.end), "\(report)")
      for (number, future) in futures.enumerated() { #expect(try await future.value == number + 1) }
      #expect(try await pool.run(Add(a: 1)) == 2)
      try await eventually("two workers again") { pool.workerProcessIDs.count == 2 }
      #expect(!pool.workerProcessIDs.contains(report.worker))
      try await eventually("the crashed worker is gone") { ProcessEntry(report.worker)?.parent != getpid() }
    }
  }

  @Test(arguments: CrashKind.allCases)
  func `a crash in the only worker costs one task`(kind: CrashKind) async throws {
    try await withProcessPool(workers: 1, environment: .withoutBacktraces) { pool async throws in
      let before = (0..<20).map { pool.submit(Add(a: $0)) }
      let crashing = (0..<2).map { _ in pool.submit(Crash(kind: kind)) }
      let after = (0..<20).map { pool.submit(Add(a: $0)) }
      let reports = [
        try await crash { try await crashing[0].value }, try await crash { try await crashing[1].value },
      ]
      #expect(reports[0].worker != reports[1].worker)
      #expect(reports.allSatisfy { $0.status.matches(kind.end) }, "\(reports)")
      for (number, future) in (before + after).enumerated() {
        #expect(try await future.value == number % 20 + 1)
      }
    }
  }

  @Test func `a signal that a task sends itself is not an end`() async throws {
    struct Raises: WorkerTask {
      var number: Int32
      func run() -> Int32 {
        raise(number)
        return number
      }
    }
    try await withProcessPool(workers: 1) { pool async throws in
      let worker = try await pool.run(ProcessID())
      for number in [SIGTERM, SIGINT, SIGHUP] {
        #expect(try await pool.run(Raises(number: number)) == number)
      }
      #expect(try await pool.run(ProcessID()) == worker)
    }
  }
}

extension WorkerEnvironment {
  /// For tests with many crashes: the backtracer takes its time.
  static let withoutBacktraces = WorkerEnvironment.inherited.setting("SWIFT_BACKTRACE", to: "enable=no")
}
