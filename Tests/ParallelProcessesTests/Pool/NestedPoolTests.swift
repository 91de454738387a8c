import Glibc
import Parallel
import TestSupport
import Testing

/// Pools that are made by tasks of pools.
@Suite(.timeLimit(.minutes(10))) struct NestedPoolTests {
  /// Sums up in pools of its own, `depth` levels below it.
  private struct DeepSum: WorkerTask {
    var numbers: [Int]
    var depth: Int

    func run() async throws -> Int {
      guard depth > 0 else { return numbers.reduce(0, +) }
      let halves = [numbers[..<(numbers.count / 2)], numbers[(numbers.count / 2)...]]
      return try await withProcessPool(workers: 2) { pool async throws in
        try await pool.map(halves.map { DeepSum(numbers: Array($0), depth: depth - 1) }).reduce(0, +)
      }
    }
  }

  @Test(arguments: 1...3) func `pools nest`(depth: Int) async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      #expect(try await pool.run(DeepSum(numbers: Array(1...100), depth: depth - 1)) == 5050)
      #expect(try await pool.run(DeepSum(numbers: Array(1...100), depth: depth)) == 5050)
    }
  }

  private struct CrashWithin: WorkerTask {
    struct Answer: Codable, Sendable { var process: Int32, crashed: Int32, sum: Int }

    func run() async throws -> Answer {
      try await withProcessPool(workers: 1, environment: .withoutBacktraces) { pool async throws in
        let report = try await crash { try await pool.run(Crash(kind: .fatalError)) }
        return Answer(process: getpid(), crashed: report.worker, sum: try await pool.run(Add(a: 1)))
      }
    }
  }

  @Test func `a crash stays within the innermost pool`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let process = try await pool.run(ProcessID())
      let answer = try await pool.run(CrashWithin())
      #expect(answer.process == process && answer.crashed != process && answer.sum == 2)
      #expect(try await pool.run(ProcessID()) == process)
    }
  }

  /// Notes its process, and has a pool do the same, `depth` levels below it; then computes for ever.
  private struct Tower: WorkerTask {
    var depth: Int
    var log: SharedLog
    var ready: Gate

    func run() async throws -> Int {
      try log.append(Int(getpid()))
      guard depth > 0 else {
        ready.open()
        while true { sched_yield() }
      }
      return try await withProcessPool(workers: 1) { pool async throws in
        try await pool.run(Tower(depth: depth - 1, log: log, ready: ready))
      }
    }
  }

  @Test(arguments: [true, false])
  func `with a worker all pools within it are gone`(byKill: Bool) async throws {
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    let ready = try Gate()
    let pool = try ProcessPool(workers: 1)
    let tower = pool.submit(Tower(depth: 2, log: log, ready: ready))
    try await ready.opened()
    let family = log.numbers.map(Int32.init)
    #expect(family.count == 3 && family.allSatisfy(isAlive))
    if byKill {
      kill(family[0], SIGKILL)
      #expect(try await crash { try await tower.value }.worker == family[0])
    } else {
      try await pool.shutdown(.terminate)
      await #expect(throws: CancellationError.self) { try await tower.value }
    }
    try await eventually("all are gone") { !family.contains(where: isAlive) }
    try await pool.shutdown()
  }

  // MARK: How many workers there are

  /// The default sizes of the pools at each level.
  private struct Sizes: WorkerTask {
    var workers: [Int]

    func run() async throws -> [Int] {
      let own = try await withProcessPool { $0.workerCount }
      guard let next = workers.first else { return [own] }
      let rest = try await withProcessPool(workers: next) { pool async throws in
        try await pool.run(Sizes(workers: Array(workers.dropFirst())))
      }
      return [own] + rest
    }
  }

  @Test func `the pools within share what there is`() async throws {
    let environment = WorkerEnvironment.inherited.setting("PARALLEL_WORKERS", to: "8")
    try await withProcessPool(workers: 1, environment: environment) { pool async throws in
      #expect(try await pool.run(Sizes(workers: [2, 2, 2, 2])) == [8, 4, 2, 1, 1])
      #expect(try await pool.run(Sizes(workers: [3])) == [8, 2])
    }
  }

  private struct Default: WorkerTask {
    func run() async throws -> Int { try await withProcessPool { $0.workerCount } }
  }

  @Test func `a share is a part of this process's own default`() async throws {
    let all = try await withProcessPool { $0.workerCount }
    for workers in 1...3 {
      let share = try await withProcessPool(workers: workers) { try await $0.run(Default()) }
      #expect(share == max(1, all / workers))
    }
  }

  /// Makes two pools of the default size, and ends so that what it wrote can be read.
  private struct MakesPoolsAndExits: WorkerTask {
    func run() async throws -> Int {
      for _ in 0..<2 { try await withProcessPool { say("workers: \($0.workerCount)\n") } }
      _exit(3)
    }
  }

  @Test func `a senseless variable is ignored, with a word about it`() async throws {
    let environment = WorkerEnvironment.inherited.setting("PARALLEL_WORKERS", to: "many")
    try await withProcessPool(workers: 1, environment: environment) { pool async throws in
      let lines = try await crash { try await pool.run(MakesPoolsAndExits()) }.standardErrorTail
      #expect(lines.count { $0.contains("PARALLEL_WORKERS is ignored") } == 1, "\(lines)")
      #expect(lines.count { $0.contains("workers: ") && !$0.hasSuffix(": 0") } == 2, "\(lines)")
    }
  }

  // MARK: Threads that outlive their task

  private struct LeavesThread: WorkerTask {
    var begun: Gate

    func run() async throws -> Int32 {
      _ = try await onThread { [begun] in
        _ = try WorkerThread.start(isDaemon: false) {
          begun.open()
          while true { pause() }
        }
      }
      return getpid()
    }
  }

  /// At `exit` a worker waits for threads that are no daemons; the pool does not wait for ever.
  @Test func `a thread that never ends does not keep a pool from ending`() async throws {
    let begun = try Gate()
    let pool = try ProcessPool(workers: 1)
    let worker = try await pool.run(LeavesThread(begun: begun))
    try await begun.opened()
    #expect(try await pool.shutdown())
    #expect(!isAlive(worker))
  }
}
