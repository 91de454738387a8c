import Parallel
import TestSupport
import Testing

/// Cancelled tasks: those that wait never run, those that run are told.
@Suite(.timeLimit(.minutes(10))) struct CancellationTests {
  private struct Notes: WorkerTask {
    var number: Int
    var log: SharedLog
    func run() throws -> Int {
      try log.append(number)
      return number
    }
  }
  /// Runs until it sees that it is cancelled.
  private struct Watches: WorkerTask {
    var begun: Gate
    var seen: Gate
    func run() async throws -> Int {
      begun.open()
      while !Task.isCancelled { await Task.yield() }
      seen.open()
      return 7
    }
  }
  private struct Sleeps: WorkerTask {
    var begun: Gate
    var seen: Gate
    func run() async throws -> Int {
      begun.open()
      do {
        try await Task.sleep(for: .seconds(1000))
        return 1
      } catch {
        seen.open()
        throw error
      }
    }
  }
  /// Never suspends: asks between pieces of its computation.
  private struct Computes: WorkerTask {
    var begun: Gate
    var seen: Gate
    func run() -> Bool {
      begun.open()
      while !Task.isCancelled {}
      seen.open()
      return true
    }
  }
  private struct IsCancelled: WorkerTask {
    func run() -> Bool { Task.isCancelled }
  }

  @Test(arguments: backends)
  func `a task that waits and is cancelled never runs`(backend: ProcessPool.Backend) async throws {
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      let begun = try Gate(), goOn = try Gate()
      let held = pool.submit(Hold(begun: begun, goOn: goOn))
      try await begun.opened()
      let futures = (0..<100).map { pool.submit(Notes(number: $0, log: log)) }
      for future in futures where future !== futures[50] { #expect(future.cancel()) }
      goOn.open()
      _ = try await held.value
      #expect(try await futures[50].value == 50)
      for future in futures where future !== futures[50] {
        await #expect(throws: CancellationError.self) { try await future.value }
      }
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
    #expect(log.numbers == [50])
  }

  @Test(arguments: backends)
  func `a running task sees that it is cancelled`(backend: ProcessPool.Backend) async throws {
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      for _ in 0..<5 {
        let begun = try Gate(), seen = try Gate()
        let future = pool.submit(Watches(begun: begun, seen: seen))
        try await begun.opened()
        #expect(future.cancel())
        await #expect(throws: CancellationError.self) { try await future.value }
        try await seen.opened()
        #expect(try await pool.run(IsCancelled()) == false)
      }
    }
  }

  @Test(arguments: backends)
  func `a task that computes without a pause sees that it is cancelled`(
    backend: ProcessPool.Backend
  ) async throws {
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      let begun = try Gate(), seen = try Gate()
      let future = pool.submit(Computes(begun: begun, seen: seen))
      try await begun.opened()
      future.cancel()
      try await seen.opened()
      #expect(try await pool.run(IsCancelled()) == false, "the next task is not the one that was cancelled")
    }
  }

  @Test(arguments: backends)
  func `a sleeping task is woken by its cancellation`(backend: ProcessPool.Backend) async throws {
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      let begun = try Gate(), seen = try Gate()
      let future = pool.submit(Sleeps(begun: begun, seen: seen))
      try await begun.opened()
      future.cancel()
      try await seen.opened()
      #expect(try await pool.run(IsCancelled()) == false)
    }
  }

  @Test func `cancelling the caller's task cancels the worker's`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let begun = try Gate(), seen = try Gate()
      let caller = Task { try await pool.run(Sleeps(begun: begun, seen: seen)) }
      try await begun.opened()
      caller.cancel()
      await #expect(throws: CancellationError.self) { try await caller.value }
      try await seen.opened()
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }

  @Test func `cancelling what is done changes nothing`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let future = pool.submit(Add(a: 1))
      #expect(try await future.value == 2)
      #expect(!future.cancel())
      #expect(try await future.value == 2)
      #expect(try await pool.run(Add(a: 2)) == 3)
    }
  }

  @Test func `tasks that are cancelled at random are done or cancelled, never both`() async throws {
    var random = SeededRandom(for: "cancelled tasks")
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    var cancelled: Set<Int> = []
    var futures: [Future<Int>] = []
    let pool = try ProcessPool(workers: 2)
    for number in 0..<1000 {
      futures.append(pool.submit(Notes(number: number, log: log)))
      let victim = Int.random(in: 0...number, using: &random)
      if Int.random(in: 0..<3, using: &random) == 0, futures[victim].cancel() { cancelled.insert(victim) }
    }
    for (number, future) in futures.enumerated() {
      if cancelled.contains(number) {
        await #expect(throws: CancellationError.self) { try await future.value }
      } else {
        #expect(try await future.value == number)
      }
    }
    try await pool.shutdown()
    let numbers = log.numbers
    #expect(Set(numbers).count == numbers.count)
    #expect(Set(numbers).isSuperset(of: Set(0..<1000).subtracting(cancelled)))
  }
}
