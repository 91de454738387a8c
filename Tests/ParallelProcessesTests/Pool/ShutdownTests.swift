import Parallel
import ParallelCore
import TestSupport
import Testing

/// The end of a pool.
@Suite(.timeLimit(.minutes(10))) struct ShutdownTests {
  private static let modes: [ShutdownMode] = [.drain, .cancelPending, .terminate]

  @Test(arguments: modes, backends)
  func `an idle pool ends in every mode`(mode: ShutdownMode, backend: ProcessPool.Backend) async throws {
    for warmsUp in [true, false] {
      let pool = try ProcessPool(workers: 2, backend: backend)
      let workers = pool.workerProcessIDs
      if warmsUp { #expect(try await pool.run(Add(a: 1)) == 2) }
      #expect(try await pool.shutdown(mode))
      #expect(pool.workerProcessIDs == [])
      if backend == .processes { #expect(!workers.contains { ProcessEntry($0) != nil }) }
    }
  }

  @Test(arguments: modes, backends)
  func `a pool that was shut down takes nothing more`(
    mode: ShutdownMode, backend: ProcessPool.Backend
  ) async throws {
    let pool = try ProcessPool(workers: 1, backend: backend)
    try await pool.shutdown(mode)
    #expect(try await refusal { try await pool.run(Add(a: 1)) }.code == .shutDown)
    #expect(try await refusal { try await pool.map([Add(a: 1)]) }.code == .shutDown)
    #expect(pool.submit(Add(a: 1)).isDone)
    #expect(try await refusal { try await onThread { try pool.run(Add(a: 1)) } }.code == .shutDown)
    for mode in Self.modes { #expect(try await pool.shutdown(mode)) }
    #expect(try await onThread { pool.shutdown() })
  }

  @Test(arguments: backends)
  func `draining finishes everything`(backend: ProcessPool.Backend) async throws {
    let pool = try ProcessPool(workers: 2, backend: backend)
    let futures = (0..<1000).map { pool.submit(Add(a: $0)) }
    #expect(try await pool.shutdown(.drain))
    for (number, future) in futures.enumerated() {
      #expect(future.isDone)
      #expect(try await future.value == number + 1)
    }
  }

  @Test(arguments: backends)
  func `cancelPending finishes what runs`(backend: ProcessPool.Backend) async throws {
    let pool = try ProcessPool(workers: 1, backend: backend)
    let begun = try Gate(), goOn = try Gate()
    let held = pool.submit(Hold(begun: begun, goOn: goOn, answer: 3))
    try await begun.opened()
    let waiting = (0..<100).map { pool.submit(Add(a: $0)) }
    #expect(try await !pool.shutdown(.cancelPending, timeout: .zero))
    for future in waiting { await #expect(throws: CancellationError.self) { try await future.value } }
    goOn.open()
    #expect(try await pool.shutdown(.cancelPending))
    #expect(try await held.value == 3)
  }

  @Test func `terminating ends what runs`() async throws {
    let pool = try ProcessPool(workers: 2)
    let begun = try (0..<2).map { _ in try Gate() }
    let spinning = begun.map { pool.submit(Spin(begun: $0)) }
    for gate in begun { try await gate.opened() }
    let waiting = (0..<10_000).map { pool.submit(Add(a: $0)) }
    let workers = pool.workerProcessIDs
    // Nothing but this test ends these tasks; if one has ended here, its report says how.
    for future in spinning where future.isDone {
      let report = try await crash { try await future.value }
      Issue.record("a worker died before it was terminated: \(report), \(report.usage as Any)")
      try await pool.shutdown(.terminate)
      return
    }
    #expect(workers.count == 2)
    #expect(try await pool.shutdown(.terminate))
    for future in spinning + waiting {
      #expect(future.isDone)
      await #expect(throws: CancellationError.self) { try await future.value }
    }
    #expect(!workers.contains { ProcessEntry($0) != nil })
  }

  @Test func `a sterner mode overtakes a milder one`() async throws {
    let pool = try ProcessPool(workers: 1)
    let begun = try Gate()
    let spinning = pool.submit(Spin(begun: begun))
    let waiting = pool.submit(Add(a: 1))
    try await begun.opened()
    #expect(try await !pool.shutdown(.drain, timeout: .milliseconds(1)))
    #expect(!waiting.isDone)
    #expect(try await !pool.shutdown(.cancelPending, timeout: .milliseconds(1)))
    await #expect(throws: CancellationError.self) { try await waiting.value }
    #expect(!spinning.isDone)
    #expect(try await onThread { pool.shutdown(.terminate) })
    await #expect(throws: CancellationError.self) { try await spinning.value }
  }

  @Test func `a cancelled caller waits no longer, and the end goes on`() async throws {
    let pool = try ProcessPool(workers: 1)
    let begun = try Gate(), goOn = try Gate()
    let held = pool.submit(Hold(begun: begun, goOn: goOn, answer: 3))
    try await begun.opened()
    let caller = Task { try await pool.shutdown() }
    caller.cancel()
    await #expect(throws: CancellationError.self) { try await caller.value }
    goOn.open()
    #expect(try await pool.shutdown())
    #expect(try await held.value == 3)
  }

  @Test func `a crash while draining costs one task`() async throws {
    let pool = try ProcessPool(workers: 1, environment: .withoutBacktraces)
    let begun = try Gate(), goOn = try Gate()
    let held = pool.submit(Hold(begun: begun, goOn: goOn, answer: 3))
    try await begun.opened()
    let crashing = pool.submit(Crash(kind: .fatalError))
    let rest = (0..<10).map { pool.submit(Add(a: $0)) }
    #expect(try await !pool.shutdown(timeout: .zero))
    goOn.open()
    #expect(try await pool.shutdown())
    #expect(try await held.value == 3)
    _ = try await crash { try await crashing.value }
    for (number, future) in rest.enumerated() { #expect(try await future.value == number + 1) }
  }

  @Test func `withProcessPool ends its pool in every case`() async throws {
    struct Left: Error {}
    var pools: [ProcessPool] = []
    let value = try await withProcessPool(workers: 1) { pool async throws in
      pools.append(pool)
      return pool.submit(Add(a: 1))
    }
    #expect(value.isDone)
    #expect(try await value.value == 2)

    let begun = try Gate()
    var spinning: Future<Int>?
    await #expect(throws: Left.self) {
      try await withProcessPool(workers: 1) { pool async throws in
        pools.append(pool)
        spinning = pool.submit(Spin(begun: begun))
        try await begun.opened()
        throw Left()
      }
    }
    await #expect(throws: CancellationError.self) { try await spinning?.value }
    for pool in pools { #expect(pool.workerProcessIDs == []) }
  }

  @Test func `withProcessPool in a cancelled task leaves nothing behind`() async throws {
    let begun = try Gate()
    let log = try TemporaryFolder()
    let workers = SharedLog(path: log.path.appending("log"))
    let caller = Task {
      try await withProcessPool(workers: 1) { pool async throws in
        for worker in pool.workerProcessIDs { try workers.append(Int(worker)) }
        return try await pool.run(Spin(begun: begun))
      }
    }
    try await begun.opened()
    caller.cancel()
    await #expect(throws: CancellationError.self) { try await caller.value }
    let worker = Int32(try #require(workers.numbers.first))
    #expect(ProcessEntry(worker) == nil)
  }

  @Test(arguments: backends)
  func `a dropped pool finishes its tasks and ends`(backend: ProcessPool.Backend) async throws {
    var pool: ProcessPool? = try ProcessPool(workers: 2, backend: backend)
    let workers = try #require(pool?.workerProcessIDs)
    let futures = (0..<200).map { pool!.submit(Add(a: $0)) }
    pool = nil
    for (number, future) in futures.enumerated() { #expect(try await future.value == number + 1) }
    if backend == .processes {
      try await eventually("its workers are gone") { !workers.contains { ProcessEntry($0) != nil } }
    }
  }

  @Test func `pools that are dropped at once leave nothing`() async throws {
    var workers: [Int32] = []
    for _ in 0..<5 { workers += try ProcessPool(workers: 2).workerProcessIDs }
    try await eventually("their workers are gone") { !workers.contains { ProcessEntry($0) != nil } }
  }
}
