import ParallelCore
import ParallelThreads
import TestSupport
import Testing

extension LockOrderTests {
  @Suite struct InversionTests {
    @Test func twoLocksInBothOrdersAreReportedWithAllSites() throws {
      let (a, b) = (Lock(), Lock())
      let line: UInt = #line
      let found = reports {
        a.lock()
        b.lock()
        b.unlock()
        a.unlock()
        b.lock()
        a.lock()
        a.unlock()
        b.unlock()
      }
      let report = try #require(found.first)
      #expect(found.count == 1)
      #expect(report.edges.count == 2)
      #expect(!report.isSelfDeadlock)
      #expect(report.edges.map(\.heldAt.line) == [line + 6, line + 2])
      #expect(report.edges.map(\.acquiredAt.line) == [line + 7, line + 3])
      #expect(report.edges[0].heldLock == report.edges[1].acquiredLock)
      #expect(report.edges[1].heldLock == report.edges[0].acquiredLock)
      for line in [line + 2, line + 3, line + 6, line + 7] {
        #expect(report.description.contains("ParallelThreadsTests/InversionTests.swift:\(line)"))
      }
    }

    @Test func theThreadsOfBothOrdersAreNamed() throws {
      let (a, b) = (Lock(), RecursiveLock())
      let found = try reports {
        try onOtherThread { nest(a, b) }
        try onOtherThread { nest(b, a) }
      }
      let report = try #require(found.first)
      #expect(Set(report.edges.map(\.thread)).count == 2)
    }

    @Test func onlyTheFirstTimeIsReported() {
      let (a, b) = (Lock(), Lock())
      let found = reports {
        for _ in 0..<5 {
          nest(a, b)
          nest(b, a)
        }
      }
      #expect(found.count == 1)
    }

    @Test func anotherPlaceIsReportedToo() {
      let (a, b) = (Lock(), Lock())
      let found = reports {
        nest(a, b)
        nest(b, a)
        nest(b, a)
      }
      #expect(found.count == 2)
    }

    @Test func aCycleOfThreeIsReportedWithThreeEdges() throws {
      let (a, b, c) = (Lock(), RecursiveLock(), Lock())
      let found = reports {
        nest(a, b)
        nest(b, c)
        nest(c, a)
      }
      let report = try #require(found.first)
      #expect(found.count == 1)
      #expect(report.edges.count == 3)
      for (edge, next) in zip(report.edges, report.edges.dropFirst() + [report.edges[0]]) {
        #expect(edge.acquiredLock == next.heldLock)
      }
    }

    @Test func aCycleOfManyIsReported() throws {
      let locks = (0..<500).map { _ in Lock() }
      let found = reports {
        for (lock, next) in zip(locks, locks.dropFirst()) { nest(lock, next) }
        nest(locks[499], locks[0])
      }
      #expect(found.map(\.edges.count) == [500])
    }

    @Test func eachHeldLockCanCloseACycle() throws {
      let (a, b, c) = (Lock(), Lock(), Lock())
      let found = reports {
        nest(c, a)
        nest(c, b)
        a.withLock {
          b.withLock {
            c.withLock {}
          }
        }
      }
      #expect(found.count == 2)
    }

    @Test func oneOrderIsNoCycle() throws {
      let (a, b, c) = (Lock(), Lock(), RecursiveLock())
      let found = try reports {
        try onThreads(4) { _ in
          for _ in 0..<20 {
            a.withLock { b.withLock { c.withLock {} } }
            nest(a, c)
            nest(b, c)
          }
        }
      }
      #expect(found.isEmpty)
    }

    @Test func nothingIsReportedWhileItIsOff() {
      let (a, b) = (Lock(), Lock())
      let found = reports {
        nest(a, b)
        LockOrder.isChecked = false
        nest(b, a)
      }
      #expect(found.isEmpty)
      #expect(!LockOrder.isChecked)
    }

    @Test func locksTakenOrGivenBackWhileItIsOffLeaveNothingBehind() {
      let (a, b) = (Lock(), Lock())
      let found = reports {
        a.lock()
        LockOrder.isChecked = false
        a.unlock()
        b.lock()
        LockOrder.isChecked = true
        nest(Lock(), a)
        b.unlock()
        nest(a, b)
        nest(b, Lock())
      }
      #expect(found.isEmpty)
    }
  }
}
