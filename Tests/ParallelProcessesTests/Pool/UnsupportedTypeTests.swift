import Parallel
import TestSupport
import Testing

private struct Hidden: Codable, Sendable {}
private struct Carrier<Content>: WorkerTask {
  func run() -> Int { 1 }
}

/// Types that have no form in which they could travel.
@Suite(.timeLimit(.minutes(5))) struct UnsupportedTypeTests {
  private struct Setup<Content>: WorkerSetup {
    func run() {}
  }

  @Test(arguments: backends)
  func `a type that does not travel is refused at submit`(backend: ProcessPool.Backend) async throws {
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      let future = pool.submit(Carrier<(Hidden, Int)>())
      #expect(future.isDone)
      let error = try await refusal { try await future.get() }
      #expect(error.code == .unsupported)
      #expect(error.message.contains("Carrier"), "\(error)")
      #expect(try await pool.run(Carrier<Hidden>()) == 1)
      #expect(try await pool.run(Carrier<(Int, String)>()) == 1)
    }
  }

  @Test func `a refused type takes no place in a limited pool`() async throws {
    try await withProcessPool(workers: 1, maxPending: 1) { pool async throws in
      for _ in 0..<3 {
        #expect(try await refusal { try await pool.run(Carrier<(Hidden, Int)>()) }.code == .unsupported)
      }
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }

  @Test func `in a map it is the failure of its place`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let tasks = (0..<3).map { _ in Carrier<(Hidden, Int)>() }
      var indices: [Int] = []
      for try await item in pool.results(of: tasks) {
        #expect((try await refusal { try item.result.get() }).code == .unsupported)
        indices.append(item.index)
      }
      #expect(indices == [0, 1, 2])
    }
  }

  @Test func `a setup that does not travel is refused at the beginning`() async throws {
    let error = try await refusal { try ProcessPool(workers: 1, setup: Setup<(Hidden, Int)>()) }
    #expect(error.code == .unsupported)
  }
}
