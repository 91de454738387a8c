import Glibc
import Parallel
import Testing

@Suite struct PoolSmokeTests {
  private struct Add: WorkerTask {
    var a: Int
    var b: Int
    func run() -> Int { a + b }
  }
  private struct Crash: WorkerTask {
    var text: String
    func run() -> Int { fatalError(text) }
  }

  @Test func aTaskRuns() async throws {
    let pool = try ProcessPool(workers: 2)
    #expect(try await pool.run(Add(a: 1, b: 2)) == 3)
    #expect(try await pool.map((0..<1000).map { Add(a: $0, b: 1) }) == Array(1...1000))
    try await pool.shutdown()
  }

  @Test func aCrashCostsOneTask() async throws {
    let pool = try ProcessPool(workers: 2)
    do {
      _ = try await pool.run(Crash(text: "no such page"))
      Issue.record("no error")
    } catch let failure as WorkerFailure {
      print(failure, failure.crashReport!.standardErrorTail)
      print(try await failure.crashReport!.backtrace.get(timeout: .seconds(10)) ?? "none")
      print(failure.crashReport!)
    }
    #expect(try await pool.run(Add(a: 1, b: 2)) == 3)
    try await pool.shutdown()
  }
}
