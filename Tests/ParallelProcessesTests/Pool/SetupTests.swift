import Glibc
import Parallel
import SystemPackage
import TestSupport
import Testing

/// What the setups of these tests leave behind in their worker.
private enum Prepared {
  // Set before the first task, by the setup, and only read afterwards.
  nonisolated(unsafe) static var text: String?
}

/// The setup of workers.
@Suite(.timeLimit(.minutes(10))) struct SetupTests {
  private struct Prepare: WorkerSetup {
    var text: String
    var log: SharedLog
    func run() async throws {
      await Task.yield()
      try log.append(Int(getpid()))
      Prepared.text = text
    }
  }
  private struct ReadPrepared: WorkerTask {
    struct Answer: Codable, Sendable { var text: String?; var worker: Int32 }
    func run() -> Answer { Answer(text: Prepared.text, worker: getpid()) }
  }
  private enum Way: String, Codable, CaseIterable { case error, trap, exit, kill }
  private struct NotToday: Error {}
  private struct Fails: WorkerSetup {
    var way: Way
    var log: SharedLog
    func run() throws {
      try log.append(Int(getpid()))
      switch way {
      case .error: throw NotToday()
      case .trap: fatalError("no setup today")
      case .exit: exit(3)
      case .kill: kill(getpid(), SIGKILL)
      }
    }
  }
  private struct FailsWhenReplaced: WorkerSetup {
    var log: SharedLog
    func run() throws {
      try log.append(Int(getpid()))
      if log.numbers.count > 1 { throw NotToday() }
    }
  }
  private struct Unencodable: WorkerSetup {
    init() {}
    init(from decoder: any Decoder) throws {}
    func encode(to encoder: any Encoder) throws { throw NotToday() }
    func run() {}
  }
  private struct HoldsDescriptor: WorkerSetup {
    var file: FileDescriptor
    func run() {}
  }

  @Test func `it runs once in each worker, before the first task`() async throws {
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    try await withProcessPool(workers: 2, setup: Prepare(text: "ready", log: log)) { pool async throws in
      let answers = try await pool.map((0..<100).map { _ in ReadPrepared() })
      #expect(answers.allSatisfy { $0.text == "ready" })
      #expect(Set(answers.map { Int($0.worker) }).isSubset(of: log.numbers))
    }
    #expect(log.numbers.count <= 2 && Set(log.numbers).count == log.numbers.count)
  }

  @Test func `replacements are set up too`() async throws {
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    let setup = Prepare(text: "again", log: log)
    try await withProcessPool(workers: 1, setup: setup, environment: .withoutBacktraces) {
      pool async throws in
      for round in 1...5 {
        #expect(try await pool.run(ReadPrepared()).text == "again")
        #expect(log.numbers.count == round)
        _ = try await crash { try await pool.run(Crash(kind: .fatalError)) }
      }
    }
  }

  @Test(arguments: Way.allCases)
  private func `a setup that fails fails the pool at once`(way: Way) async throws {
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    let pool = try ProcessPool(workers: 2, setup: Fails(way: way, log: log), environment: .withoutBacktraces)
    let futures = (0..<50).map { pool.submit(Add(a: $0)) }
    for future in futures { try await expectFailedSetup(way) { try await future.value } }
    try await expectFailedSetup(way) { try await pool.run(Add(a: 1)) }
    try await expectFailedSetup(way) { try await pool.map([Add(a: 1)]) }
    try await pool.shutdown()
    #expect(pool.workerProcessIDs == [])
    // A worker that somebody killed may work the next time. Three in a row end the pool if no other is there, and
    // each of the two places may have one more under way by then.
    #expect(
      (way == .kill ? 3...6 : 1...2).contains(log.numbers.count), "\(log.numbers.count) workers were started")
  }

  private func expectFailedSetup<T>(_ way: Way, _ body: () async throws -> T) async throws {
    let error = try await refusal(of: body)
    #expect(error.code == .workerStart)
    if way == .error {
      #expect((error.underlying as? RemoteError)?.typeName.hasSuffix("NotToday") == true, "\(error)")
    } else {
      let report = try #require((error.underlying as? WorkerFailure)?.crashReport, "\(error)")
      switch way {
      case .trap: #expect(report.message?.contains("no setup today") == true)
      case .exit: #expect(report.status == .exited(3))
      default: #expect(report.status.matches(.signal(SIGKILL)))
      }
    }
  }

  @Test func `a replacement whose setup fails fails the pool`() async throws {
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    let pool = try ProcessPool(
      workers: 1, setup: FailsWhenReplaced(log: log), environment: .withoutBacktraces)
    #expect(try await pool.run(Add(a: 1)) == 2)
    _ = try await crash { try await pool.run(Crash(kind: .abort)) }
    #expect(try await refusal { try await pool.run(Add(a: 1)) }.code == .workerStart)
    try await pool.shutdown()
    #expect(log.numbers.count == 2)
  }

  @Test func `a setup that can't travel is refused`() async throws {
    let error = try await refusal { try ProcessPool(workers: 1, setup: Unencodable()) }
    #expect(error.code == .coding && error.underlying is NotToday, "\(error)")
    let other = try await refusal {
      try ProcessPool(workers: 1, setup: HoldsDescriptor(file: .standardInput))
    }
    #expect(other.code == .unsupported)
  }

  @Test func `in threads the setup and its failure are the same`() async throws {
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    let pool = try ProcessPool(workers: 1, setup: Fails(way: .error, log: log), backend: .inProcess)
    try await expectFailedSetup(.error) { try await pool.run(Add(a: 1)) }
    try await pool.shutdown()
  }
}
