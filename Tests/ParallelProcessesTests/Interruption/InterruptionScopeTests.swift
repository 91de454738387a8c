import Parallel
import ParallelFutures
import TestSupport
import Testing

@testable import ParallelProcesses

/// One scope, whoever interrupts it.
@Suite(.timeLimit(.minutes(10))) struct InterruptionScopeTests {
  @Test func `its end can be waited for while another thread is still about to interrupt it`() async throws {
    let pool = try ProcessPool(workers: 1)
    let worker = try await pool.run(ProcessID())
    let scope = InterruptionScope([pool], by: .terminate, limit: nil) {}
    let ends = scope.pools
    #expect(ends.map(\.isDone) == [false])
    scope.interrupt()
    for end in ends { try await end.value }
    #expect(!isAlive(worker) && pool.workerProcessIDs.isEmpty)
    scope.finish()
  }

  @Test func `a limit that is set after its end kills nobody`() async throws {
    let pool = try ProcessPool(workers: 1), other = try ProcessPool(workers: 1)
    let scope = InterruptionScope([pool], by: .drain, limit: .zero) {}
    scope.finish()
    scope.interrupt()
    for end in scope.pools { try await end.value }
    #expect(try await other.run(Add(a: 1)) == 2)
    try await other.shutdown()
  }
}
