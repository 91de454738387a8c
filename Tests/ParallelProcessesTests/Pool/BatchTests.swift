import Foundation
import Parallel
import SystemPackage
import TestSupport
import Testing

/// Tasks that travel together are still tasks by themselves.
@Suite(.timeLimit(.minutes(10))) struct BatchTests {
  /// Without a descriptor, so that it travels with others: where it has a path, it waits until that FIFO is opened.
  private struct Step: WorkerTask {
    var number: Int
    var gate: FilePath?
    var crashes = false
    var error = false

    struct Failed: Error, Codable { var number: Int }

    func run() throws -> Int {
      if let gate { try FileDescriptor.open(gate, .readOnly).close() }
      if crashes { fatalError("step \(number)") }
      if error { throw Failed(number: number) }
      return number
    }
  }

  private let folder = try! TemporaryFolder()

  private func makeGate(_ name: String) throws -> FilePath {
    let path = folder.path.appending(name)
    guard mkfifo(path.string, 0o600) == 0 else { throw Errno(rawValue: errno) }
    return path
  }

  /// Lets the task go on that waits there, or will.
  private func open(_ gate: FilePath) throws { try FileDescriptor.open(gate, .writeOnly).close() }

  /// Calls `body` with a pool that knows how quick such tasks are, and a gate that is closed.
  private func withQuickPool(
    workers: Int = 1, maxPending: Int? = nil, _ body: (ProcessPool, FilePath) async throws -> Void
  ) async throws {
    let gate = try makeGate("long")
    try await withProcessPool(
      workers: workers, environment: .withoutBacktraces, maxPending: maxPending
    ) { pool async throws in
      _ = try await pool.map((0..<500).map { Step(number: $0) })
      try await body(pool, gate)
    }
  }

  @Test func `a crash, an error and a long task cost the others nothing`() async throws {
    try await withQuickPool { pool, _ async throws in
      var steps = (0..<60).map { Step(number: $0) }
      steps[10].error = true
      steps[20].crashes = true
      steps[40].error = true
      steps[59].crashes = true
      let results = try await pool.mapResults(steps, window: 64)
      #expect(results.count == 60)
      for (number, result) in results.enumerated() {
        switch result {
        case .success(let answer):
          #expect(answer == number)
          #expect(!steps[number].crashes && !steps[number].error)
        case .failure(let error as Step.Failed): #expect(steps[number].error && error.number == number)
        case .failure(let failure as WorkerFailure):
          #expect(steps[number].crashes && failure.crashReport?.message?.contains("step \(number)") == true)
        case .failure(let error): throw error
        }
      }
    }
  }

  @Test func `results before a long task arrive while it runs`() async throws {
    try await withQuickPool { pool, gate async throws in
      var steps = (0..<20).map { Step(number: $0) }
      steps[12].gate = gate
      var arrived: [Int] = []
      for try await result in pool.results(of: steps, order: .input, window: 64) {
        arrived.append(try result.result.get())
        // All before it are here, with nobody having rung for the last of them.
        if arrived.count == 12 { try open(gate) }
      }
      #expect(arrived == Array(0..<20))
    }
  }

  @Test func `another worker takes what waits behind a long task`() async throws {
    try await withQuickPool(workers: 2) { pool, gate async throws in
      var steps = (0..<200).map { Step(number: $0) }
      steps[0].gate = gate
      var arrived: Set<Int> = []
      for try await result in pool.results(of: steps, order: .completion, window: 256) {
        arrived.insert(try result.result.get())
        if arrived.count == 199 {
          #expect(!arrived.contains(0))
          try open(gate)
        }
      }
      #expect(arrived == Set(0..<200))
    }
  }

  @Test func `abandoning an iteration frees all places at once`() async throws {
    try await withQuickPool(maxPending: 100) { pool, gate async throws in
      var steps = (0..<90).map { Step(number: $0) }
      steps[30].gate = gate
      do {
        var results = pool.results(of: steps, order: .input, window: 90).makeAsyncIterator()
        for number in 0..<30 { #expect(try await results.next()?.result.get() == number) }
        try await eventually("the long one runs") { pool.statistics.running == 1 }
      }
      try await eventually("what was not begun is dropped") { pool.statistics.waiting == 0 }
      try open(gate)
      try await eventually("what was running has ended") { pool.statistics.running == 0 }
      // All places are free.
      let results = try await pool.mapResults((0..<100).map { Step(number: $0) }, window: 100)
      #expect(results.count == 100)
      #expect(pool.statistics.waiting == 0)
    }
  }

  @Test func `the statistics count tasks`() async throws {
    try await withQuickPool { pool, gate async throws in
      var steps = (0..<50).map { Step(number: $0) }
      steps[10].gate = gate
      let before = pool.statistics
      async let answers = pool.map(steps, window: 64)
      try await eventually("it runs") {
        pool.statistics.finished == before.finished + 10 && pool.statistics.running == 1
      }
      // Where this process gets little time, not all are submitted at once.
      let during = pool.statistics
      #expect(during.waiting == during.submitted - before.submitted - 11)
      try open(gate)
      #expect(try await answers == Array(0..<50))
      #expect(pool.statistics.submitted == before.submitted + 50)
      #expect(pool.statistics.finished == before.finished + 50)
      #expect(pool.statistics.waiting == 0 && pool.statistics.running == 0)
    }
  }
}
