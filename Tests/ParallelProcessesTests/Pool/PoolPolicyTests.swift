import Glibc
import Parallel
import TestSupport
import Testing

/// Crashes, recycling, spares, limits of memory and sizes of the pool: with real workers.
@Suite(.timeLimit(.minutes(10))) struct PoolPolicyTests {
  private func policy(_ change: (inout PoolPolicy) -> Void) -> PoolPolicy {
    var policy = PoolPolicy()
    change(&policy)
    return policy
  }

  private struct Dies: WorkerTask {
    func run() -> Int {
      kill(getpid(), SIGKILL)
      return 0
    }
  }

  /// Holds so much memory as long as its worker lives, and runs until it is told to go on.
  private struct Hoards: WorkerTask {
    var bytes: Int
    var goOn: Gate?
    func run() -> Int32 {
      // Straight from the kernel and filled by it: what nobody reads, the optimizer leaves out.
      let memory = mmap(
        nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0)
      precondition(memory != MAP_FAILED)
      goOn?.pass()
      return getpid()
    }
  }

  // MARK: Crashes

  @Test func `a crash may fail the whole pool`() async throws {
    let pool = try ProcessPool(workers: 2, policy: policy { $0.onCrash = .failPool })
    let begun = try Gate()
    let other = pool.submit(Spin(begun: begun))
    try await begun.opened()
    _ = try await crash { try await pool.run(Dies()) }
    #expect(try await refusal { try await other.value }.code == .brokenPool)
    #expect(try await refusal { try await pool.run(Add(a: 1)) }.code == .brokenPool)
    try await pool.shutdown()
  }

  @Test func `too many deaths in a short time fail the pool`() async throws {
    let pool = try ProcessPool(
      workers: 1, policy: policy { $0.restartIntensity = .init(3, within: .seconds(600)) })
    for _ in 0..<3 { _ = try await crash { try await pool.run(Dies()) } }
    let error = try await refusal { try await pool.run(Add(a: 1)) }
    #expect(error.code == .brokenPool && error.message.contains("3 workers"))
    try await pool.shutdown()
  }

  @Test func `a spare steps in for a worker that dies`() async throws {
    try await withProcessPool(workers: 1, policy: policy { $0.hotSpares = 1 }) { pool async throws in
      try await eventually("a spare") { pool.statistics.workers.contains { $0.state == .spare } }
      let spare = try #require(pool.statistics.workers.first { $0.state == .spare })
      #expect(try await pool.run(ProcessID()) != spare.processID)
      _ = try await crash { try await pool.run(Dies()) }
      #expect(try await pool.run(ProcessID()) == spare.processID)
      try await eventually("another spare") { pool.statistics.workers.contains { $0.state == .spare } }
    }
  }

  // MARK: Recycling

  @Test(arguments: backends)
  func `workers are replaced after so many tasks`(backend: ProcessPool.Backend) async throws {
    try await withProcessPool(
      workers: 2, policy: policy { $0.recycleAfterTasks = 10 }, backend: backend
    ) { pool async throws in
      var tasks: [Int32: Int] = [:]
      for id in try await pool.map(Array(repeating: ProcessID(), count: 100)) { tasks[id, default: 0] += 1 }
      if backend == .processes {
        #expect(tasks.values.allSatisfy { $0 <= 10 }, "\(tasks)")
        #expect(tasks.count >= 10)
      }
    }
  }

  @Test func `a fresh worker for each task, and an early end of the pool`() async throws {
    let count = rounds(release: 200)
    let pool = try ProcessPool(workers: 2, policy: .freshWorkerPerTask)
    let futures = (0..<count).map { _ in pool.submit(ProcessID()) }
    try await pool.shutdown()
    var seen: Set<Int32> = []
    for future in futures { seen.insert(try await future.value) }
    #expect(seen.count == count)
    #expect(pool.statistics.workers.isEmpty)
  }

  @Test func `workers are replaced when they are old`() async throws {
    try await withProcessPool(
      workers: 1, policy: policy { $0.recycleAfterAge = .milliseconds(50) }
    ) { pool async throws in
      let first = try await pool.run(ProcessID())
      try await eventually("another worker") { !pool.workerProcessIDs.contains(first) }
      #expect(try await pool.run(ProcessID()) != first)
    }
  }

  @Test func `workers are replaced when they hold much memory`() async throws {
    try await withProcessPool(
      workers: 1, policy: policy { $0.recycleAtResidentMemory = 256 << 20 }
    ) { pool async throws in
      let first = try await pool.run(Hoards(bytes: 300 << 20, goOn: nil))
      try await eventually("another worker") { !pool.workerProcessIDs.contains(first) }
      #expect(try await pool.run(Add(a: 1)) == 2)
      #expect(pool.statistics.crashed == 0)
    }
  }

  @Test func `a worker with too much memory is killed`() async throws {
    try await withProcessPool(workers: 1, policy: policy { $0.memoryLimit = 256 << 20 }) {
      pool async throws in
      let failure = try await failure { try await pool.run(Hoards(bytes: 300 << 20, goOn: Gate())) }
      guard case .memoryLimitExceeded(let resident, limit: 256 << 20) = failure.reason else {
        Issue.record("\(failure)")
        return
      }
      #expect(resident > 256 << 20)
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }

  // MARK: Size

  @Test func `a pool grows and shrinks`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      try pool.resize(to: 3)
      #expect(pool.workerCount == 3)
      let begun = try (0..<3).map { _ in try Gate() }
      let goOn = try Gate()
      let held = begun.map { pool.submit(Hold(begun: $0, goOn: goOn, answer: 5)) }
      for gate in begun { try await gate.opened() }
      try pool.resize(to: 1)
      let waiting = (0..<20).map { pool.submit(Add(a: $0)) }
      goOn.open()
      for future in held { #expect(try await future.value == 5) }
      for (number, future) in waiting.enumerated() { #expect(try await future.value == number + 1) }
      try await eventually("one worker") { pool.workerProcessIDs.count == 1 }
      #expect(pool.statistics.crashed == 0 && pool.statistics.killed == 0)
      for count in [0, -1] {
        #expect(try await refusal { try pool.resize(to: count) }.code == .invalidArgument)
      }
      try await pool.shutdown()
      #expect(try await refusal { try pool.resize(to: 2) }.code == .shutDown)
    }
  }

  @Test func `draining ends at its deadline`() async throws {
    let pool = try ProcessPool(workers: 1)
    let begun = try Gate()
    let spinning = pool.submit(Spin(begun: begun))
    let waiting = pool.submit(Add(a: 1))
    try await begun.opened()
    #expect(try await pool.shutdown(.drain(deadline: .milliseconds(50))))
    await #expect(throws: CancellationError.self) { try await spinning.value }
    await #expect(throws: CancellationError.self) { try await waiting.value }
    let quick = try ProcessPool(workers: 1)
    let future = quick.submit(Add(a: 1))
    try await quick.shutdown(.drain(deadline: .seconds(600)))
    #expect(try await future.value == 2)
  }

  // MARK: Misuse

  @Test func `policies that make no sense are refused`() async throws {
    let nonsense: [PoolPolicy] = [
      policy { $0.tasksPerWorker = 0 }, policy { $0.tasksPerWorker = 257 },
      policy { $0.poisonAfter = 0 }, policy { $0.hotSpares = -1 }, policy { $0.recycleAfterTasks = 0 },
      policy { $0.recycleAfterAge = .zero }, policy { $0.recycleAtResidentMemory = 0 },
      policy { $0.memoryLimit = -1 }, policy { $0.onCrash = .retry(RetryPolicy(-1)) },
      policy { $0.restartIntensity = .init(0, within: .seconds(1)) },
      policy { $0.restartIntensity = .init(1, within: .seconds(-1)) },
    ]
    for policy in nonsense {
      let error = try await refusal { try ProcessPool(workers: 1, policy: policy, backend: .inProcess) }
      #expect(error.code == .invalidArgument, "\(policy)")
    }
    let error = try await refusal {
      try ProcessPool(workers: 1, policy: policy { $0.memoryLimit = 1 << 30 }, backend: .inProcess)
    }
    #expect(error.code == .unsupported)
  }

  // MARK: Insight

  @Test(arguments: backends) func `statistics count what was done`(backend: ProcessPool.Backend) async throws
  {
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      _ = try await pool.map((0..<10).map { Add(a: $0) })
      let begun = try Gate(), goOn = try Gate()
      let held = pool.submit(Hold(begun: begun, goOn: goOn))
      try await begun.opened()
      let waiting = pool.submit(Add(a: 1))
      var statistics = pool.statistics
      #expect(statistics.submitted == 12 && statistics.finished == 10)
      #expect(statistics.running == 1 && statistics.waiting == 1 && statistics.failed == 0)
      #expect(statistics.workers.count == 1)
      let worker = try #require(statistics.workers.first)
      #expect(worker.state == .working && worker.finished == 10 && worker.failed == 0)
      #expect(worker.bytesSent > 0 && worker.bytesReceived > 0)
      waiting.cancel()
      goOn.open()
      _ = try await held.value
      statistics = pool.statistics
      #expect(statistics.cancelled == 1 && statistics.running == 0 && statistics.finished == 11)
    }
  }

  @Test func `events tell what happens`() async throws {
    let pool = try ProcessPool(workers: 1)
    #expect(try await pool.run(Add(a: 1)) == 2)
    var events = pool.events().makeAsyncIterator()
    var narrow = pool.events(buffer: 1).makeAsyncIterator()
    let options = TaskOptions(retries: RetryPolicy(1, initialDelay: .zero), label: "x")
    _ = try await crash { try await pool.run(Dies(), options: options) }
    try await pool.shutdown()
    var names: [String] = []
    while let event = try await events.next() {
      switch event {
      case .workerStarted: names.append("started")
      case .workerReady: names.append("ready")
      case .workerRetired: names.append("retired")
      case .workerDied(let report): names.append(report.status.matches(.signal(SIGKILL)) ? "died" : "?")
      case .taskRetried(let task, attempt: 2, after: .zero): names.append("retried \(task.label ?? "")")
      case .taskFailed(let task, let error): names.append("\(task.label ?? "") \(error is WorkerFailure)")
      default: names.append("\(event)")
      }
    }
    // The second failure may come before its worker's successor is there.
    #expect(names.filter { $0 == "died" }.count == 2, "\(names)")
    #expect(names.contains("retried x") && names.contains("x true") && names.contains("ready"), "\(names)")
    guard case .missed(let count)? = try await narrow.next() else {
      Issue.record("nothing was missed")
      return
    }
    #expect(count == names.count - 1)
    #expect(try await narrow.next() != nil)
    #expect(try await narrow.next() == nil)
    var late = pool.events().makeAsyncIterator()
    #expect(try await late.next() == nil)
  }
}
