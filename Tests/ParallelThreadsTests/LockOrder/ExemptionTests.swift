import ParallelCore
import TestSupport
import Testing

@testable import ParallelThreads

extension LockOrderTests {
  @Suite struct ExemptionTests {
    @Test func ordersUnderOneGateAreNoCycle() {
      let (gate, a, b) = (Lock(), Lock(), Lock())
      let found = reports {
        gate.withLock { nest(a, b) }
        gate.withLock { nest(b, a) }
      }
      #expect(found.isEmpty)
    }

    @Test func anOrderOutsideOfTheGateIsOne() {
      let (gate, a, b) = (Lock(), Lock(), Lock())
      let found = reports {
        gate.withLock { nest(a, b) }
        gate.withLock { nest(b, a) }
        nest(a, b)
      }
      #expect(found.count == 1)
    }

    @Test func differentGatesDoNotHelp() {
      let (gate, other, a, b) = (Lock(), Lock(), Lock(), Lock())
      let found = reports {
        gate.withLock { nest(a, b) }
        other.withLock { nest(b, a) }
      }
      #expect(found.count == 1)
    }

    @Test func oneCommonGateOfSeveralIsEnough() {
      let (gate, other, a, b) = (Lock(), Lock(), Lock(), Lock())
      let found = reports {
        gate.withLock { nest(a, b) }
        other.withLock { nest(a, b) }
        gate.withLock { other.withLock { nest(b, a) } }
      }
      #expect(found.isEmpty)
    }

    @Test func twoOfThreeStepsUnderOneGateAreNoCycle() {
      let (gate, a, b, c) = (Lock(), Lock(), Lock(), Lock())
      let found = reports {
        gate.withLock { nest(a, b) }
        nest(b, c)
        gate.withLock { nest(c, a) }
      }
      #expect(found.isEmpty)
    }

    @Test func triesAndLimitedWaitsAreNotChecked() {
      let (a, b) = (Lock(), RecursiveLock())
      let found = reports {
        nest(a, b)
        b.lock()
        #expect(a.tryLock())
        a.unlock()
        #expect(a.lock(timeout: .seconds(60)))
        a.unlock()
        b.unlock()
      }
      #expect(found.isEmpty)
    }

    @Test func triesAndLimitedWaitsTeachNothing() {
      let (a, b) = (Lock(), RecursiveLock())
      let found = reports {
        a.lock()
        #expect(b.tryLock())
        b.unlock()
        #expect(b.lock(timeout: .seconds(60)))
        b.unlock()
        a.unlock()
        nest(b, a)
      }
      #expect(found.isEmpty)
    }

    @Test func whatATryTookCountsAsHeld() {
      let (a, b) = (Lock(), Lock())
      let found = reports {
        nest(a, b)
        #expect(b.tryLock())
        a.lock()
        a.unlock()
        b.unlock()
      }
      #expect(found.count == 1)
    }

    @Test func takingARecursiveLockAgainCountsNothing() {
      let (a, b) = (RecursiveLock(), Lock())
      let found = reports {
        a.withLock { b.withLock { a.withLock {} } }
        a.withLock { a.withLock {} }
        nest(a, b)
      }
      #expect(found.isEmpty)
    }

    @Test func aRecursiveLockIsHeldUntilItsLastUnlock() {
      let (a, b) = (RecursiveLock(), Lock())
      let found = reports {
        nest(b, a)
        a.lock()
        a.lock()
        a.unlock()
        b.withLock {}
        a.unlock()
      }
      #expect(found.count == 1)
    }

    @Test(arguments: [false, true]) func aConditionTakesItsLockAgainWithoutAReport(isRecursive: Bool) throws {
      let inner = Lock()
      let condition = isRecursive ? Condition() : Condition(lock: Lock())
      let found = try reports {
        try onOtherThread {
          condition.lock.lock(fileID: #fileID, line: #line)
          inner.lock()
          // Gives the outer lock back and takes it again while the inner one is held.
          let wasNotified = try condition.wait(timeout: .milliseconds(1))
          #expect(!wasNotified)
          inner.unlock()
          condition.lock.unlock()
        }
        nest(condition.lock, inner)
      }
      #expect(found.isEmpty)
    }
  }
}
