import Glibc
import Parallel
import TestSupport
import Testing

/// Workers killed at random while many tasks run: each task has its result or a crash, none is lost or runs twice.
@Suite(.timeLimit(.minutes(20))) struct KillStormTests {
  private struct Noted: WorkerTask {
    var number: Int
    var log: SharedLog
    /// The workers that have run a task, one entry a task.
    var workers: SharedLog
    /// How long it takes, in rounds of a small computation.
    var effort: Int
    var padding: [UInt8]

    func run() throws -> [UInt8] {
      try workers.append(Int(getpid()))
      try log.append(number)
      var state = UInt64(truncatingIfNeeded: number)
      for _ in 0..<effort { state = state &* 6_364_136_223_846_793_005 &+ 1 }
      return padding + [UInt8(truncatingIfNeeded: number), state == 1 ? 1 : 0]
    }
  }

  @Test(arguments: [1, 2, 4])
  func `no task is lost or run twice`(workers: Int) async throws {
    var random = SeededRandom(for: "kills of \(workers) workers")
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    let seen = SharedLog(path: folder.path.appending("workers"))
    let count = 2_000
    let pool = try ProcessPool(workers: workers, environment: .withoutBacktraces)
    let futures = (0..<count).map { number in
      pool.submit(
        Noted(
          number: number, log: log, workers: seen, effort: .random(in: 0..<20_000, using: &random),
          padding: [UInt8](repeating: 1, count: number % 50 == 0 ? 300_000 : 3)))
    }
    var kills = 0
    while !futures[count - 1].isDone, kills < 200 {
      // In steps of finished tasks, so that the storm is as dense on a slow machine as on a fast one.
      let step = log.numbers.count + Int.random(in: 1...30, using: &random)
      while log.numbers.count < step, !futures[count - 1].isDone {
        try await Task.sleep(for: .milliseconds(1))
      }
      // A worker that is not ready yet is spared: three such deaths in a row are a pool that can't start workers.
      let victims = Set(pool.workerProcessIDs).intersection(seen.numbers.map(Int32.init)).sorted()
      if let victim = victims.randomElement(using: &random), kill(victim, SIGKILL) == 0 { kills += 1 }
    }
    var failed: Set<Int> = []
    for (number, future) in futures.enumerated() {
      do {
        let bytes = try await future.value
        #expect(bytes[bytes.count - 2] == UInt8(truncatingIfNeeded: number))
      } catch let failure as WorkerFailure {
        #expect(failure.crashReport?.status.matches(.signal(SIGKILL)) == true, "\(failure)")
        failed.insert(number)
      }
    }
    try await pool.shutdown()
    print("\(workers) workers, \(kills) kills, \(failed.count) tasks failed")
    #expect(failed.count <= kills)
    var runs: [Int: Int] = [:]
    for number in log.numbers { runs[number, default: 0] += 1 }
    for number in 0..<count {
      let times = runs[number] ?? 0
      if failed.contains(number) {
        #expect(times <= 1, "\(number)")
      } else {
        #expect(times == 1, "\(number)")
      }
    }
  }

  private struct Square: WorkerTask {
    var number: Int
    func run() -> Int { number &* number }
  }

  /// Tiny tasks travel many at once; a kill costs the one that ran at most, and the others of its batch are done elsewhere.
  @Test(arguments: [BatchSize.automatic, .size(1), .size(64)])
  func `a map in batches loses what was running only`(batch: BatchSize) async throws {
    var random = SeededRandom(for: "kills during a map")
    let count = rounds(release: 400_000)
    var kills = 0
    var failed = 0
    var seen = Set<Int>()
    try await withProcessPool(workers: 3, environment: .withoutBacktraces) { pool async throws in
      var nextKill = 0
      for try await item in pool.results(
        of: (0..<count).lazy.map { Square(number: $0) }, order: .completion, batch: batch)
      {
        #expect(seen.insert(item.index).inserted, "\(item.index) came twice")
        switch item.result {
        case .success(let square): #expect(square == item.index * item.index)
        case .failure(let error):
          let failure = try #require(error as? WorkerFailure)
          #expect(failure.crashReport?.status.matches(.signal(SIGKILL)) == true, "\(failure)")
          failed += 1
        }
        guard seen.count >= nextKill else { continue }
        nextKill = seen.count + Int.random(in: 1...max(1, count / 100), using: &random)
        // A worker that is not ready yet is spared: three such deaths in a row are a pool that can't start workers.
        let victims = pool.statistics.workers.filter { $0.finished > 0 }.map(\.processID).sorted()
        if let victim = victims.randomElement(using: &random), kill(victim, SIGKILL) == 0 { kills += 1 }
      }
    }
    print("\(count) tasks in batches \(batch), \(kills) kills, \(failed) tasks failed, seed \(random.seed)")
    #expect(seen.count == count)
    #expect(failed <= kills)
    #expect(kills > 0)
  }
}
