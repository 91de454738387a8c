import Glibc
import Parallel
import TestSupport
import Testing

/// What the caller learns of a crash.
@Suite(.timeLimit(.minutes(10))) struct CrashReportTests {
  private struct Talks: WorkerTask {
    var lines: Int
    func run() -> Int {
      for line in 0..<lines { say("line \(line)\n") }
      say("no end")
      _exit(9)
    }
  }
  private struct Floods: WorkerTask {
    func run() -> Int {
      let line = String(repeating: "x", count: 100_000)
      say("first\n\(line)\n")
      abort()
    }
  }
  private struct Uses: WorkerTask {
    var seconds: Double
    func run() -> Int {
      let memory = UnsafeMutableRawPointer.allocate(byteCount: 64 << 20, alignment: 4096)
      memset(memory, 1, 64 << 20)
      while Double(clock()) / Double(CLOCKS_PER_SEC) < seconds {}
      abort()
    }
  }

  @Test(arguments: [CrashKind.fatalError, .onOtherThread, .inDetachedTask])
  func `the message is the runtime's`(kind: CrashKind) async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let failure = try await failure { try await pool.run(Crash(kind: kind)) }
      #expect(failure.task == "ParallelProcessesTests.Crash")
      let report = try #require(failure.crashReport)
      let expected = try #require(kind.message)
      #expect(report.message?.contains(expected) == true, "\(report)")
      #expect(report.message?.contains("Fatal error") == true)
      #expect(report.description.contains("SIG") && report.description.contains(expected))
      #expect(failure.description.contains(report.description))
      #expect(report.standardErrorTail.contains { $0.contains(expected) })
    }
  }

  @Test(arguments: [CrashKind.killsItself, .exits7, .quickExits0])
  func `a silent end has no message and no backtrace`(kind: CrashKind) async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let report = try await crash { try await pool.run(Crash(kind: kind)) }
      #expect(report.message == nil)
      #expect(report.standardErrorTail == [])
      #expect(try await report.backtrace.get(timeout: .seconds(60)) == nil)
    }
  }

  @Test(.enabled("the toolchain's backtracer is not installed here") { hasBacktracer })
  func `the backtrace names the function`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let report = try await crash { try await pool.run(Crash(kind: .outOfRange)) }
      let backtrace = try #require(try await report.backtrace.get(timeout: .seconds(60)))
      #expect(backtrace.contains("Crash.run"), "\(backtrace)")
      #expect(!report.standardErrorTail.contains { $0.contains("Crash.run") })
    }
  }

  @Test func `without a backtracer there is no backtrace`() async throws {
    try await withProcessPool(workers: 1, environment: .withoutBacktraces) { pool async throws in
      let report = try await crash { try await pool.run(Crash(kind: .fatalError)) }
      #expect(try await report.backtrace.get(timeout: .seconds(60)) == nil)
      #expect(report.message?.contains("no such page") == true)
    }
  }

  @Test func `the tail is the last twenty lines`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let report = try await crash { try await pool.run(Talks(lines: 100)) }
      #expect(report.standardErrorTail == (81..<100).map { "line \($0)" } + ["no end"])
      #expect(report.status == .exited(9))
      let short = try await crash { try await pool.run(Talks(lines: 1)) }
      #expect(short.standardErrorTail == ["line 0", "no end"])
    }
  }

  @Test func `an endless line does not fill the report`() async throws {
    try await withProcessPool(workers: 1, environment: .withoutBacktraces) { pool async throws in
      let report = try await crash { try await pool.run(Floods()) }
      #expect(report.standardErrorTail.first == "first")
      #expect(report.standardErrorTail.allSatisfy { $0.utf8.count <= 500 })
      #expect(report.status.matches(.signal(SIGABRT)))
    }
  }

  @Test func `the use of resources is reported`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let report = try await crash { try await pool.run(Uses(seconds: 0.2)) }
      let usage = try #require(report.usage)
      #expect(usage.cpuTime >= .milliseconds(150), "\(usage)")
      #expect(usage.peakMemory >= 64 << 20, "\(usage)")
    }
  }
}
