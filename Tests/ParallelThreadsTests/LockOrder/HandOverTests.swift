import ParallelCore
import TestSupport
import Testing

@testable import ParallelThreads

extension LockOrderTests {
  @Suite struct HandOverTests {
    @Test func aLockThatAnotherThreadGaveBackIsNotHeldAnyMore() throws {
      let (a, b) = (Lock(), Lock())
      let found = try reports {
        nest(b, a)
        a.lock()
        try onOtherThread { a.unlock() }
        // Would be the other order if `a` still counted as held.
        b.withLock {}
      }
      #expect(found.isEmpty)
    }

    @Test func aLockCountsForTheThreadThatTookItLast() throws {
      let (a, b) = (Lock(), Lock())
      let found = try reports {
        nest(b, a)
        a.lock()
        try onOtherThread {
          a.unlock()
          a.lock()
          b.withLock {}
        }
        a.unlock()
      }
      #expect(found.count == 1)
    }

    #if DEBUG || LockOrderChecks
      @Test func locksThatAreGoneAreForgotten() {
        let found = reports {
          let before = LockOrderChecker.knownCount
          for _ in 0..<100 {
            let (a, b) = (Lock(), RecursiveLock())
            nest(a, b)
            // One that is let go of while it is held.
            a.lock()
          }
          // Others may use locks meanwhile, but not so many.
          #expect(LockOrderChecker.knownCount < before + 50)
        }
        #expect(found.isEmpty)
      }
    #endif

    @Test func aNewLockAtAnOldAddressHasNoHistory() {
      let a = Lock()
      let found = reports {
        for _ in 0..<100 { nest(a, Lock()) }
        for _ in 0..<100 { nest(Lock(), a) }
      }
      #expect(found.isEmpty)
    }

    @Test func theReportComesBeforeARealDeadlock() throws {
      let (a, b) = (Lock(), Lock())
      let holdsBoth = [try Gate(), try Gate()]
      let found = Guarded(0)
      let before = LockOrder.reportHandler
      LockOrder.isChecked = true
      defer {
        LockOrder.isChecked = false
        LockOrder.reportHandler = before
      }
      // Frees the other thread. If the report came after the wait, both would wait for ever.
      LockOrder.reportHandler = { report in
        guard report.edges.contains(where: { $0.acquiredAt.fileID == #fileID }) else { return }
        found.withLock { $0 += 1 }
        b.unlock()
      }
      try onThreads(2) { number in
        let (first, second) = number == 0 ? (a, b) : (b, a)
        first.lock()
        holdsBoth[number].open()
        holdsBoth[1 - number].pass()
        if number == 1 {
          try eventually("thread 0 sleeps") { b.isLockedWithSleepers }
        }
        second.lock()
        second.unlock()
        if number == 0 { first.unlock() }
      }
      #expect(found.withLock { $0 } == 1)
      #expect(!a.isLocked && !b.isLocked)
    }
  }
}
