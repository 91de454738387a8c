import Glibc
import Parallel
import ParallelCore
import SystemPackage
import TestSupport
import Testing

/// Nothing outlives the process that owns a pool.
@Suite(.timeLimit(.minutes(10))) struct LifelineTests {
  /// What the workers of the inner pool are doing when their parent dies.
  private enum Activity: String, Codable, CaseIterable {
    case idle, computing, sleeping, stopped, printing, withChildren
  }

  /// Owns a pool and gets killed with it. Tells who its workers (and their children) are, by a log.
  private struct Owner: WorkerTask {
    var activity: Activity
    var log: SharedLog
    var ready: Gate

    func run() async throws -> Int {
      let pool = try ProcessPool(workers: 2)
      for worker in try await workers(of: pool) { try log.append(Int(worker)) }
      ready.open()
      while true { try await Task.sleep(for: .seconds(1000)) }
    }

    private func workers(of pool: ProcessPool) async throws -> [Int32] {
      let workers = pool.workerProcessIDs
      guard activity != .idle else {
        _ = try await pool.run(Add(a: 1))
        return workers
      }
      let begun = try (0..<2).map { _ in try Gate() }
      let futures = begun.map { pool.submit(Busy(activity: activity, begun: $0, log: log)) }
      for gate in begun { try await gate.opened() }
      if activity == .stopped {
        for worker in workers { kill(worker, SIGSTOP) }
        try await eventually("they are stopped") { workers.allSatisfy { ProcessEntry($0)?.state == "T" } }
      }
      withExtendedLifetime(futures) {}
      return workers
    }
  }

  private struct Busy: WorkerTask {
    var activity: Activity
    var begun: Gate
    var log: SharedLog

    func run() throws -> Int {
      if activity == .withChildren {
        try log.append(Int(startProgram("/bin/sleep", ["1000"])))
      }
      begun.open()
      while true {
        switch activity {
        case .computing, .stopped: continue
        case .printing: say("still here\n")
        default: sleep(1000)
        }
      }
    }
  }

  @Test(arguments: Activity.allCases)
  private func `workers die with the process that owns them`(activity: Activity) async throws {
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    let ready = try Gate()
    try await withProcessPool(workers: 1) { pool async throws in
      let owner = try await pool.run(ProcessID())
      let future = pool.submit(Owner(activity: activity, log: log, ready: ready))
      try await ready.opened()
      let family = log.numbers.map(Int32.init)
      #expect(family.count == (activity == .withChildren ? 4 : 2))
      #expect(family.allSatisfy(isAlive))
      kill(owner, SIGKILL)
      #expect(try await crash { try await future.value }.worker == owner)
      try await eventually("\(activity): they are gone") { !family.contains(where: isAlive) }
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }

  private struct StartsChild: WorkerTask {
    var log: SharedLog
    var begun: Gate
    func run() throws -> Int {
      try log.append(Int(startProgram("/bin/sleep", ["1000"])))
      begun.open()
      while true { pause() }
    }
  }

  @Test func `children of a task die with its worker`() async throws {
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    let begun = try Gate()
    try await withProcessPool(workers: 1) { pool async throws in
      let worker = try await pool.run(ProcessID())
      let future = pool.submit(StartsChild(log: log, begun: begun))
      try await begun.opened()
      let child = Int32(try #require(log.numbers.first))
      #expect(ProcessEntry(child)?.group == worker)
      kill(worker, SIGKILL)
      _ = try await crash { try await future.value }
      try await eventually("the child is gone") { !isAlive(child) }
    }
  }

  @Test func `children of tasks die when the pool is terminated`() async throws {
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    let begun = try Gate()
    let pool = try ProcessPool(workers: 1)
    let future = pool.submit(StartsChild(log: log, begun: begun))
    try await begun.opened()
    try await pool.shutdown(.terminate)
    await #expect(throws: CancellationError.self) { try await future.value }
    let child = Int32(try #require(log.numbers.first))
    try await eventually("the child is gone") { !isAlive(child) }
  }
}
