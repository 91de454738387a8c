import Parallel
import TestSupport
import Testing

/// `maxPending`, and timeouts at both doors.
@Suite(.timeLimit(.minutes(10))) struct LimitTests {
  /// A pool whose only worker is held, and that is full.
  private struct FullPool {
    let pool: ProcessPool
    let goOn: Gate
    let held: Future<Int>
    let waiting: Future<Int>

    init(whenFull: ProcessPool.WhenFull, backend: ProcessPool.Backend = .processes) async throws {
      pool = try ProcessPool(workers: 1, maxPending: 2, whenFull: whenFull, backend: backend)
      let begun = try Gate()
      goOn = try Gate()
      held = pool.submit(Hold(begun: begun, goOn: goOn, answer: 1))
      waiting = pool.submit(Add(a: 1))
      try await begun.opened()
    }

    func end() async throws {
      goOn.open()
      #expect(try await held.value == 1)
      #expect(try await waiting.value == 2)
      #expect(try await pool.run(Add(a: 2)) == 3)
      try await pool.shutdown()
    }
  }

  @Test(arguments: backends)
  func `a full pool rejects at every door`(backend: ProcessPool.Backend) async throws {
    let full = try await FullPool(whenFull: .reject, backend: backend)
    let pool = full.pool
    let future = pool.submit(Add(a: 5))
    #expect(future.isDone)
    #expect(try await refusal { try await future.get() }.code == .overloaded)
    #expect(try await refusal { try await pool.run(Add(a: 5)) }.code == .overloaded)
    #expect(try await refusal { try await pool.submit(Add(a: 5), timeout: nil) }.code == .overloaded)
    let blocking = try await refusal { try await onThread { try pool.run(Add(a: 5)) } }
    #expect(blocking.code == .overloaded)
    try await full.end()
  }

  @Test(arguments: backends)
  func `a full pool makes callers wait`(backend: ProcessPool.Backend) async throws {
    let full = try await FullPool(whenFull: .wait, backend: backend)
    let pool = full.pool
    #expect(try await refusal { try await pool.submit(Add(a: 5)).get() }.code == .overloaded)
    async let tasks = withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<20 { group.addTask { try await pool.run(Add(a: number)) } }
      return try await group.reduce(0, +)
    }
    async let thread = onThread { try pool.run(Add(a: 100)) }
    full.goOn.open()
    #expect(try await tasks == 210)
    #expect(try await thread == 101)
    try await full.end()
  }

  @Test func `waiting for a place ends with the timeout`() async throws {
    let full = try await FullPool(whenFull: .wait)
    let pool = full.pool
    for timeout in [Duration.milliseconds(5), .zero, .seconds(-1)] {
      #expect(try await refusal { try await pool.submit(Add(a: 5), timeout: timeout) }.code == .timedOut)
      let blocking = try await refusal { try await onThread { try pool.submit(Add(a: 5), timeout: timeout) } }
      #expect(blocking.code == .timedOut)
      let run = try await refusal { try await onThread { try pool.run(Add(a: 5), timeout: timeout) } }
      #expect(run.code == .timedOut)
    }
    try await full.end()
  }

  @Test func `waiting for a place ends with the caller's task`() async throws {
    let full = try await FullPool(whenFull: .wait)
    let pool = full.pool
    let caller = Task { try await pool.run(Add(a: 5)) }
    let other = Task { try await pool.submit(Add(a: 5), timeout: nil) }
    caller.cancel()
    other.cancel()
    await #expect(throws: CancellationError.self) { try await caller.value }
    await #expect(throws: CancellationError.self) { try await other.value }
    try await full.end()
  }

  @Test func `every end of a task gives its place back`() async throws {
    try await withProcessPool(
      workers: 1, environment: .withoutBacktraces, maxPending: 1, whenFull: .reject
    ) { pool async throws in
      for _ in 0..<3 {
        #expect(try await pool.run(Add(a: 1)) == 2)
        _ = try await crash { try await pool.run(Crash(kind: .quickExits3)) }
        #expect(try await pool.map([Add(a: 1), Add(a: 2)]) == [2, 3])
        let begun = try Gate(), goOn = try Gate()
        let held = pool.submit(Hold(begun: begun, goOn: goOn))
        try await begun.opened()
        held.cancel()
        // The place of a running task is free when it has ended.
        #expect(try await refusal { try await pool.run(Add(a: 1)) }.code == .overloaded)
        goOn.open()
        try await until(pool)
      }
    }
  }

  /// Until nothing is under way: a pool of one place has room.
  private func until(_ pool: ProcessPool) async throws {
    while true {
      do {
        _ = try await pool.run(Add(a: 0))
        return
      } catch let error as ParallelError where error.code == .overloaded {
        await Task.yield()
      }
    }
  }

  @Test func `a thread's run with a timeout cancels its task`() async throws {
    struct Waits: WorkerTask {
      var begun: Gate
      var cancelled: Gate
      func run() async -> Int {
        begun.open()
        while !Task.isCancelled { await Task.yield() }
        cancelled.open()
        return 1
      }
    }
    try await withProcessPool(workers: 1) { pool async throws in
      let begun = try Gate(), cancelled = try Gate()
      let error = try await refusal {
        try await onThread { try pool.run(Waits(begun: begun, cancelled: cancelled), timeout: .seconds(1)) }
      }
      #expect(error.code == .timedOut)
      // On a machine too busy to begin it within the second it is taken back; then there is nothing to cancel.
      if begun.isOpen { try await cancelled.opened() }
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }

  @Test(arguments: [0, -1, Int.min])
  func `impossible counts are refused`(count: Int) async throws {
    #expect(try await refusal { try ProcessPool(workers: count) }.code == .invalidArgument)
    #expect(try await refusal { try ProcessPool(workers: 1, maxPending: count) }.code == .invalidArgument)
    #expect(
      try await refusal { try ProcessPool(workers: count, backend: .inProcess) }.code == .invalidArgument)
  }

  @Test func `the default is a worker for each usable processor`() async throws {
    try await withProcessPool { pool async throws in
      #expect(pool.workerCount >= 1)
      #expect(pool.workerProcessIDs.count <= pool.workerCount)
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }
}
