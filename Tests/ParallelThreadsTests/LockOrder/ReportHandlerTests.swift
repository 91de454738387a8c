import Glibc
import ParallelCore
import ParallelThreads
import TestSupport
import Testing

extension LockOrderTests {
  @Suite struct ReportHandlerTests {
    @Test func aHandlerMayTakeLocks() {
      let (a, b, ofHandler) = (Lock(), Lock(), Lock())
      let calls = Guarded(0)
      let before = LockOrder.reportHandler
      LockOrder.isChecked = true
      defer {
        LockOrder.isChecked = false
        LockOrder.reportHandler = before
      }
      LockOrder.reportHandler = { report in
        guard report.edges.contains(where: { $0.acquiredAt.fileID == #fileID }) else { return }
        calls.withLock { $0 += 1 }
        // An inversion inside the handler: goes to standard error, not here.
        nest(ofHandler, Lock())
        let inner = Lock()
        nest(inner, ofHandler)
        nest(ofHandler, inner)
      }
      nest(a, b)
      b.withLock { a.withLock {} }
      #expect(calls.withLock { $0 } == 1)
    }

    @Test func theEnvironmentSwitchesItOnAndTheDefaultWritesToStandardError() async throws {
      let result = await #expect(
        processExitsWith: .success, observing: [\.standardErrorContent]
      ) {
        // Nothing in this process has used a lock yet: the variable is as good as there from the start.
        setenv("PARALLEL_LOCK_ORDER", "1", 1)
        #expect(LockOrder.isChecked)
        let (a, b) = (Lock(), Lock())
        nest(a, b)
        nest(b, a)
        exit(LockOrder.isChecked ? 0 : 1)
      }
      let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(text.contains("warning: taking locks in this order may deadlock"))
      #expect(text.contains("ParallelThreadsTests/ReportHandlerTests.swift:"))
    }

    @Test(arguments: ["0", "", "yes"]) func onlyOneSwitchesItOn(value: String) async throws {
      await #expect(processExitsWith: .success) { [value = value as String] in
        setenv("PARALLEL_LOCK_ORDER", value, 1)
        exit(LockOrder.isChecked ? 1 : 0)
      }
    }
  }
}
