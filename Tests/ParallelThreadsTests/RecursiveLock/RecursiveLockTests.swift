import ParallelCore
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct RecursiveLockTests {
  @Test func itsOwnerTakesItAgainAndGivesItBackAsOften() async throws {
    let lock = RecursiveLock()
    try await onThread {
      #expect((lock.isLocked, lock.isHeldByCurrentThread, lock.depth) == (false, false, 0))
      lock.lock()
      #expect(lock.tryLock())
      #expect(lock.lock(timeout: .zero))
      #expect((lock.isLocked, lock.isHeldByCurrentThread, lock.depth) == (true, true, 3))
      for depth in [2, 1] {
        lock.unlock()
        #expect((lock.isLocked, lock.depth) == (true, depth))
      }
      lock.unlock()
      #expect((lock.isLocked, lock.isHeldByCurrentThread, lock.depth) == (false, false, 0))
    }
  }

  @Test func othersSeeItsDepthAndAreRefused() async throws {
    let lock = RecursiveLock()
    let goOn = try Gate()
    async let owner: Void = onThread {
      lock.lock()
      lock.lock()
      goOn.pass()
      lock.unlock()
      lock.unlock()
    }
    try await eventually("the owner holds it twice") { lock.depth == 2 }
    try await onThread {
      #expect((lock.isLocked, lock.isHeldByCurrentThread) == (true, false))
      #expect(!lock.tryLock())
      for timeout in [Duration.zero, .seconds(-1), .milliseconds(5)] {
        let deadline = Deadline(timeout: timeout)
        #expect(!lock.lock(timeout: timeout))
        #expect(deadline.hasPassed)
      }
      #expect(lock.depth == 2)
    }
    goOn.open()
    try await owner
    #expect(try await onThread { lock.lock(timeout: .zero) })
  }

  /// Given back once too few it stays with its owner; who waits gets it with the last time.
  @Test func whoWaitsGetsItWithTheLastUnlock() async throws {
    let lock = RecursiveLock()
    let first = try Gate(), second = try Gate()
    async let owner: Void = onThread {
      lock.lock()
      lock.lock()
      first.pass()
      lock.unlock()
      second.pass()
      lock.unlock()
    }
    try await eventually("the owner holds it twice") { lock.depth == 2 }
    let isIn = Guarded(false)
    async let other: Void = onThread {
      lock.lock()
      isIn.withLock { $0 = true }
      #expect(lock.depth == 1)
      lock.unlock()
    }
    first.open()
    try await eventually("given back once") { lock.depth == 1 }
    #expect(!isIn.withLock { $0 })
    second.open()
    try await owner
    try await other
    #expect(isIn.withLock { $0 })
    #expect((lock.isLocked, lock.depth) == (false, 0))
  }

  @Test func withLockNestsAndGivesBackWhenItsBodyThrows() {
    let lock = RecursiveLock()
    func depth(at level: Int) -> Int {
      lock.withLock { level == 0 ? lock.depth : depth(at: level - 1) }
    }
    #expect(depth(at: 99) == 100)
    #expect(lock.depth == 0)
    #expect(throws: Mishap.self) {
      try lock.withLock {
        do { try lock.withLock { throw Mishap() } } catch { #expect(lock.depth == 1) }
        throw Mishap()
      }
    }
    #expect((lock.isLocked, lock.depth) == (false, 0))
  }

  @Test func unlockingWithoutHoldingItTraps() async {
    let never = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      synchronously { RecursiveLock().unlock() }
    }
    #expect(standardError(of: never).contains("that this thread does not hold: it is not locked"))

    let foreign = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let lock = RecursiveLock()
      try await onThread { lock.lock() }
      try await onThread { lock.unlock() }
    }
    #expect(standardError(of: foreign).contains("that this thread does not hold: another thread holds it"))

    let tooOften = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let lock = RecursiveLock()
      synchronously {
        for _ in 0..<2 { lock.lock() }
        for _ in 0..<3 { lock.unlock() }
      }
    }
    #expect(standardError(of: tooOften).contains("that this thread does not hold: it is not locked"))
  }

  /// A thread's number is never used again, so no later thread is taken for an owner that ended without unlocking.
  @Test func theNextThreadDoesNotInheritIt() async throws {
    let lock = RecursiveLock()
    try await onThread { lock.lock() }
    for _ in 0..<20 { #expect(try await onThread { !lock.isHeldByCurrentThread && !lock.tryLock() }) }
  }

  @Test func mayBeLetGoOfWhileLocked() {
    weak var last: RecursiveLock?
    for _ in 0..<1_000 {
      let lock = RecursiveLock()
      last = lock
      lock.lock()
      lock.lock()
    }
    #expect(last == nil)
  }
}
