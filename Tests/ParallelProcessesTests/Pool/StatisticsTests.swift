import Glibc
import Parallel
import TestSupport
import Testing

/// What a pool tells of its workers' use of the system.
@Suite(.timeLimit(.minutes(10))) struct StatisticsTests {
  /// Uses 50 ms of processor time.
  private struct Burn: WorkerTask {
    func run() -> Int {
      func used() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
      }
      let end = used() + 50_000_000
      var rounds = 0
      while used() < end { rounds += 1 }
      return rounds
    }
  }

  private struct Touch: WorkerTask {
    var byteCount: Int
    /// Not an array, which the optimizer would leave out.
    func run() -> Int {
      let memory = mmap(
        nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0)
      guard memory != MAP_FAILED else { return -1 }
      munmap(memory, byteCount)
      return byteCount
    }
  }

  private static func usage(in pool: ProcessPool) throws -> ResourceUsage {
    let worker = try #require(pool.statistics.workers.first)
    return try #require(worker.usage)
  }

  @Test func `processor time grows with what tasks compute`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      _ = try await pool.run(Burn())
      let first = try Self.usage(in: pool)
      #expect(first.cpuTime > .zero)
      for _ in 0..<2 { _ = try await pool.run(Burn()) }
      // Ticks are cut off, of user and system time alike.
      #expect(try Self.usage(in: pool).cpuTime >= first.cpuTime + .milliseconds(60))
    }
  }

  @Test func `the peak of memory stays when the memory is gone`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      _ = try await pool.run(Add(a: 1))
      let before = try Self.usage(in: pool).peakMemory
      #expect(before > 0)
      #expect(try await pool.run(Touch(byteCount: 64 << 20)) == 64 << 20)
      #expect(try Self.usage(in: pool).peakMemory >= before + 60 << 20)
    }
  }

  @Test func `a worker that has ended counts among the ended`() async throws {
    let pool = try ProcessPool(workers: 1)
    #expect(pool.statistics.usageOfEnded.cpuTime == .zero)
    _ = try await pool.run(Burn())
    try await pool.shutdown()
    let statistics = pool.statistics
    #expect(statistics.workers.isEmpty)
    #expect(statistics.usageOfEnded.cpuTime >= .milliseconds(50) && statistics.usageOfEnded.peakMemory > 0)
  }

  @Test func `so does one that was killed`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      _ = try await pool.run(Burn())
      let victim = try #require(pool.workerProcessIDs.first)
      kill(victim, SIGKILL)
      try await eventually("its end") { pool.statistics.usageOfEnded.cpuTime >= .milliseconds(50) }
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }

  @Test(arguments: backends) func `a start takes time`(backend: ProcessPool.Backend) async throws {
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      _ = try await pool.run(Add(a: 1))
      let worker = try #require(pool.statistics.workers.first)
      let start = try #require(worker.startTime)
      #expect(start > .zero && start <= worker.age)
    }
  }

  @Test func `of a worker that is a thread nothing is known`() async throws {
    try await withProcessPool(workers: 1, backend: .inProcess) { pool async throws in
      _ = try await pool.run(Burn())
      #expect(try #require(pool.statistics.workers.first).usage == nil)
      #expect(pool.statistics.usageOfEnded.cpuTime == .zero)
    }
  }
}
