import Parallel
import Synchronization
import TestSupport
import Testing

/// The calls that take all results at once: `map`, `mapResults`, `reduce`; through both doors.
@Suite(.timeLimit(.minutes(10))) struct ManyTasksTests {
  private struct Sevens: Error, Codable, Equatable { var number: Int }

  /// Fails at multiples of seven, if it is to.
  private struct Halve: WorkerTask {
    var number: Int
    var fails = false
    func run() throws -> Int {
      if fails, number % 7 == 0 { throw Sevens(number: number) }
      return number / 2
    }
  }

  private func halves(_ count: Int, failing: Bool = false) -> [Halve] {
    (0..<count).map { Halve(number: $0, fails: failing) }
  }

  private func values(_ results: [Result<Int, any Error>]) -> [Int?] { results.map { try? $0.get() } }

  @Test(arguments: [BatchSize.automatic, .size(1), .size(6), .size(40), .size(.max)], backends)
  func `all batch sizes give the same`(batch: BatchSize, backend: ProcessPool.Backend) async throws {
    try await withProcessPool(workers: 2, backend: backend) { pool async throws in
      let tasks = halves(300)
      let expected = (0..<300).map { $0 / 2 }
      #expect(try await pool.map(tasks, batch: batch) == expected)
      #expect(try await onThread { try pool.map(tasks, window: 7, batch: batch) } == expected)
      #expect(try await pool.reduce(tasks, into: 0, batch: batch) { $0 += $1 } == expected.reduce(0, +))
    }
  }

  @Test func `failures and crashes cost one element`() async throws {
    try await withProcessPool(workers: 2, environment: .withoutBacktraces) { pool async throws in
      let tasks = halves(100, failing: true)
      let expected = (0..<100).map { $0 % 7 == 0 ? nil : $0 / 2 }
      #expect(values(try await pool.mapResults(tasks)) == expected)
      #expect(values(try await onThread { try pool.mapResults(tasks, batch: .size(3)) }) == expected)
      let crashing = (0..<20).map { MaybeCrash(number: $0, crashes: $0 == 4 || $0 == 19) }
      let results = try await pool.mapResults(crashing)
      #expect(values(results) == (0..<20).map { $0 == 4 || $0 == 19 ? nil : $0 })
      for index in [4, 19] {
        guard case .failure(let error as WorkerFailure) = results[index] else { throw Unexpected() }
        #expect(error.crashReport != nil)
      }
    }
  }

  @Test func `map and reduce throw the first failure in the order of the tasks`() async throws {
    try await withProcessPool(workers: 2) { pool async throws in
      let tasks = Array(halves(100, failing: true).dropFirst())
      await #expect(throws: Sevens(number: 7)) { try await pool.map(tasks) }
      await #expect(throws: Sevens(number: 7)) { try await onThread { try pool.map(tasks) } }
      var seen: [Int] = []
      await #expect(throws: Sevens(number: 7)) {
        try await pool.reduce(tasks, into: ()) { _, half in seen.append(half) }
      }
      #expect(seen == (1...6).map { $0 / 2 })
      #expect(try await pool.map([Halve(number: 8)]) == [4])
    }
  }

  @Test func `nothing more is submitted after a failure has come`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let taken = Atomic(0)
      let endless = sequence(first: 0) { $0 + 1 }.lazy.map { number in
        taken.add(1, ordering: .relaxed)
        return Halve(number: number, fails: true)
      }
      await #expect(throws: Sevens(number: 0)) { try await pool.map(endless, window: 50) }
      #expect(taken.load(ordering: .relaxed) <= 50)
    }
  }

  @Test func `reduce combines in the order of the tasks, or as they finish`() async throws {
    try await withProcessPool(workers: 2) { pool async throws in
      let tasks = halves(500)
      let expected = (0..<500).map { $0 / 2 }
      #expect(try await pool.reduce(tasks, into: []) { $0.append($1) } == expected)
      let unordered = try await onThread {
        try pool.reduce(tasks, into: [Int](), order: .completion, window: 20) { $0.append($1) }
      }
      #expect(unordered.sorted() == expected)
      struct Enough: Error {}
      await #expect(throws: Enough.self) {
        try await pool.reduce(tasks, into: 0) { sum, half in
          sum += half
          if sum > 100 { throw Enough() }
        }
      }
    }
  }

  @Test func `the time is counted from the call and what is left is cancelled`() async throws {
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    try await withProcessPool(workers: 1) { pool async throws in
      let begun = try Gate(), goOn = try Gate()
      let tasks = (0..<10).map { LoggedHold(number: $0, begun: begun, goOn: goOn, log: log) }
      let error = await #expect(throws: ParallelError.self) {
        try await pool.map(tasks, batch: .size(1), timeout: .milliseconds(20))
      }
      #expect(error?.code == .timedOut)
      let blocking = await #expect(throws: ParallelError.self) {
        try await onThread { try pool.mapResults(tasks, timeout: .zero) }
      }
      #expect(blocking?.code == .timedOut)
      goOn.open()
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
    // What was running when the time was over goes on; nothing else has begun.
    #expect(log.numbers.count <= 2, "\(log.numbers)")
  }

  /// Others come and go behind the first, while one more waits for a place.
  @Test func `time passes for a limited pool, too`() async throws {
    try await withProcessPool(workers: 2, maxPending: 200) { pool async throws in
      let begun = try Gate(), goOn = try Gate(), open = try Gate()
      open.open()
      let tasks = (0..<1000).map { Hold(begun: begun, goOn: $0 == 0 ? goOn : open) }
      let error = await #expect(throws: ParallelError.self) {
        try await pool.map(tasks, timeout: .milliseconds(200))
      }
      #expect(error?.code == .timedOut)
      let blocking = await #expect(throws: ParallelError.self) {
        try await onThread { try pool.map(tasks, timeout: .milliseconds(200)) }
      }
      #expect(blocking?.code == .timedOut)
      goOn.open()
    }
  }

  @Test func `a cancelled token ends a thread's wait and its tasks`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let begun = try Gate(), goOn = try Gate()
      let token = CancellationToken()
      let tasks = (0..<5).map { _ in Hold(begun: begun, goOn: goOn) }
      let end = Task { try await onThread { try token.bound { try pool.map(tasks) } } }
      try await begun.opened()
      token.cancel()
      await #expect(throws: CancellationError.self) { try await end.value }
      goOn.open()
      await #expect(throws: CancellationError.self) {
        try await onThread { try token.bound { try pool.map([Hold(begun: begun, goOn: Gate())]) } }
      }
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }

  @Test func `progress is told as a value`() async throws {
    try await withProcessPool(workers: 2) { pool async throws in
      var told: [PoolProgress] = []
      _ = try await pool.mapResults(halves(70, failing: true)) { told.append($0) }
      let last = try #require(told.last)
      #expect(last.finished == 70 && last.failed == 10 && last.total == 70 && last.fraction == 1)
      #expect(
        zip(told, told.dropFirst()).allSatisfy { $0.finished <= $1.finished && $0.elapsed <= $1.elapsed })
      told = []
      for try await _ in pool.results(
        of: halves(7).lazy.filter { _ in true }, onProgress: { told.append($0) })
      {}
      #expect(told.last?.finished == 7 && told.last?.total == nil)
      told = []
      #expect(try await pool.map([Halve](), onProgress: { told.append($0) }) == [])
      #expect(told.last?.fraction == 1)
    }
  }

  @Test func `nothing stays behind a task that is held up`() async throws {
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    // While the first is held up, the second worker runs all others.
    try await withProcessPool(workers: 2) { pool async throws in
      let begun = try Gate(), goOn = try Gate(), open = try Gate()
      open.open()
      let tasks = (0..<40).map {
        LoggedHold(number: $0, begun: begun, goOn: $0 == 0 ? goOn : open, log: log)
      }
      var iterator = pool.results(of: tasks, window: 40, batch: .size(1)).makeAsyncIterator()
      for _ in 1..<40 { #expect(try await iterator.next()?.index != 0) }
      goOn.open()
      #expect(try await iterator.next()?.index == 0)
    }
    #expect(log.numbers.last == 0 && log.numbers.count == 40)
  }

  @Test func `numbers that make no sense are mistakes`() async {
    await #expect(processExitsWith: .failure) {
      let pool = try ProcessPool(workers: 1, backend: .inProcess)
      _ = pool.results(of: [Add(a: 1)], window: 0)
    }
    await #expect(processExitsWith: .failure) {
      let pool = try ProcessPool(workers: 1, backend: .inProcess)
      _ = pool.results(of: [Add(a: 1)], batch: .size(0))
    }
  }
}

/// Holds until it may go on, then says so in a file.
private struct LoggedHold: WorkerTask {
  var number: Int
  var begun: Gate
  var goOn: Gate
  var log: SharedLog
  func run() throws -> Int {
    begun.open()
    goOn.pass()
    try log.append(number)
    return number
  }
}
