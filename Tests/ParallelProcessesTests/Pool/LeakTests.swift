import Glibc
import Parallel
import TestSupport
import Testing

/// What pools leave behind, measured in a process in which nothing else happens: a worker with a pool of its own.
@Suite(.timeLimit(.minutes(20))) struct LeakTests {
  private enum Load: String, Codable, CaseIterable { case crashes, tinyTasks, pools, errors, descriptors }

  private struct Passes: WorkerTask {
    var gate: Gate
    func run() -> Gate { gate }
  }
  private struct Fails: WorkerTask {
    struct Failed: Error {}
    func run() throws -> Int { throw Failed() }
  }

  private struct Measure: WorkerTask {
    struct Answer: Codable, Sendable {
      var before, after: ResourceCount
      var files: [String]
    }
    var load: Load
    var count: Int

    func run() async throws -> Answer {
      let pool = try ProcessPool(workers: 2, environment: .withoutBacktraces)
      // The runtime's timers come with their first use.
      try await Task.sleep(for: .milliseconds(1))
      // Twice, because what is made once and kept (threads, arenas, tables) is no leak.
      try await work(pool, max(20, count / 10))
      let before = try await settled(pool)
      try await work(pool, count)
      var after = try await settled(pool)
      // A worker that ended is remembered for the seconds that it might have taken to.
      for _ in 0..<2000 where !after.isWithin(before) {
        usleep(10_000)
        after = ResourceCount.now
      }
      let files = openFiles()
      try await pool.shutdown()
      return Answer(before: before, after: after, files: files)
    }

    private func work(_ pool: ProcessPool, _ count: Int) async throws {
      switch load {
      case .crashes:
        let kinds: [CrashKind] = [.fatalError, .killsItself, .exits7, .badPointer, .quickExits0, .abort]
        for number in 0..<count {
          do {
            _ = try await pool.run(Crash(kind: kinds[number % kinds.count]))
          } catch let failure as WorkerFailure where failure.crashReport != nil {}
        }
      case .tinyTasks: _ = try await pool.map((0..<count).lazy.map { Add(a: $0) })
      case .pools:
        for _ in 0..<count {
          _ = try await withProcessPool(workers: 1) { try await $0.run(Add(a: 1)) }
        }
      case .errors: for _ in 0..<count { _ = try? await pool.run(Fails()) }
      case .descriptors:
        let gate = try Gate()
        for _ in 0..<count { _ = try await pool.run(Passes(gate: gate)) }
      }
    }

    /// With both workers there and nothing under way.
    private func settled(_ pool: ProcessPool) async throws -> ResourceCount {
      try await eventually("two workers, no zombies") {
        let count = ResourceCount.now
        return pool.workerProcessIDs.count == 2 && count.children == 2 && count.zombies == 0
      }
      _ = try await pool.map((0..<100).map { Add(a: $0) })
      return ResourceCount.now
    }
  }

  @Test(arguments: [
    (Load.crashes, 2_000), (.tinyTasks, 200_000), (.pools, 2_000), (.errors, 20_000), (.descriptors, 20_000),
  ])
  private func `nothing is left behind`(load: Load, count: Int) async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let answer = try await pool.run(Measure(load: load, count: rounds(release: count)))
      #expect(answer.after.isWithin(answer.before), "\(answer)")
    }
  }

  /// After the last pool has gone there are no children, and nothing of the workers.
  private struct Aftermath: WorkerTask {
    func run() async throws -> [ResourceCount] {
      var counts: [ResourceCount] = []
      for _ in 0..<3 {
        try await withProcessPool(workers: 3, environment: .withoutBacktraces) { pool async throws in
          _ = try await pool.map((0..<500).map { Add(a: $0) })
          _ = try? await pool.run(Crash(kind: .fatalError))
        }
        counts.append(ResourceCount.now)
      }
      return counts
    }
  }

  @Test func `a pool that was shut down has left everything`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let counts = try await pool.run(Aftermath())
      #expect(counts.allSatisfy { $0.children == 0 && $0.zombies == 0 }, "\(counts)")
      #expect(counts[2].descriptors <= counts[0].descriptors, "\(counts)")
    }
  }

  @Test func `a type that always crashes does not wear the pool out`() async throws {
    try await withProcessPool(workers: 2, environment: .withoutBacktraces) { pool async throws in
      let poison = (0..<50).map { _ in pool.submit(Crash(kind: .quickExits3)) }
      let others = (0..<200).map { pool.submit(Add(a: $0)) }
      for future in poison { #expect(try await crash { try await future.value }.status == .exited(3)) }
      for (number, future) in others.enumerated() { #expect(try await future.value == number + 1) }
    }
  }
}
