import ParallelCore
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct SemaphoreTests {
  @Test func beginsWithThePermitsItWasGiven() {
    #expect(Semaphore().freePermits == 1)
    #expect(Semaphore(permits: 0).freePermits == 0)
    #expect(Semaphore(permits: .max).freePermits == .max)
    #expect(BoundedSemaphore().permits == 1)
    #expect((BoundedSemaphore(permits: 3).permits, BoundedSemaphore(permits: 3).freePermits) == (3, 3))
  }

  @Test(arguments: [-1, Int.min]) func lessThanNothingTraps(permits: Int) async {
    await #expect(processExitsWith: .failure) { [permits = permits as Int] in _ = Semaphore(permits: permits)
    }
    await #expect(processExitsWith: .failure) { [permits = permits as Int] in
      _ = BoundedSemaphore(permits: permits)
    }
  }

  @Test(arguments: [0, -1, Int.min]) func givingBackNothingTraps(count: Int) async {
    await #expect(processExitsWith: .failure) { [count = count as Int] in Semaphore().release(count) }
    await #expect(processExitsWith: .failure) { [count = count as Int] in
      let semaphore = BoundedSemaphore(permits: 2)
      _ = semaphore.tryAcquire()
      try semaphore.release(count)
    }
  }

  @Test func morePermitsThanCanBeCountedTrap() async {
    await #expect(processExitsWith: .failure) { Semaphore(permits: .max).release() }
  }

  @Test func aTryTakesWhatIsFree() async throws {
    let semaphore = Semaphore(permits: 2)
    #expect(semaphore.tryAcquire())
    #expect(try await onThread { semaphore.tryAcquire() })
    #expect(!semaphore.tryAcquire())
    #expect(semaphore.freePermits == 0)
    semaphore.release(3)
    #expect(semaphore.freePermits == 3)
  }

  @Test(arguments: [Duration.zero, .seconds(-1), .nanoseconds(1), .milliseconds(20)])
  func anAttemptGivesUpAtItsDeadline(timeout: Duration) async throws {
    let semaphore = Semaphore(permits: 0)
    let deadline = Deadline(timeout: timeout)
    #expect(try await !semaphore.acquire(timeout: timeout))
    #expect(deadline.hasPassed)
    #expect(try await onThread { try !semaphore.acquire(timeout: timeout) && deadline.hasPassed })
    semaphore.release()
    #expect(try await semaphore.acquire(timeout: timeout))
    #expect(try await onThread { try !semaphore.acquire(timeout: timeout) })
    semaphore.release()
    #expect(try await onThread { try semaphore.acquire(timeout: timeout) })
    #expect(semaphore.freePermits == 0)
  }

  /// Seven permits, ten threads and ten tasks: seven go on, then exactly as many as are released.
  @Test func letsExactlyAsManyThrough() async throws {
    let semaphore = Semaphore(permits: 7)
    let through = Guarded(0)
    try await withThrowingTaskGroup { group in
      for _ in 0..<10 {
        group.addTask {
          _ = try await onThread { try semaphore.acquire() }
          through.withLock { $0 += 1 }
        }
        group.addTask {
          try await semaphore.acquire()
          through.withLock { $0 += 1 }
        }
      }
      var count = 7
      try await semaphore.room.hasInLine(13)
      for batch in [2, 3, 4, 1, 3] {
        try await eventually("\(count) through") { through.withLock { $0 } == count }
        semaphore.release(batch)
        count += batch
        #expect(semaphore.room.read { $1.count } == 20 - count)
        #expect(semaphore.freePermits == 0)
      }
      try await group.waitForAll()
    }
    #expect(through.withLock { $0 } == 20)
    semaphore.release(2)
    #expect(semaphore.freePermits == 2)
  }

  @Test func moreThanThereAreWaitersStaysFree() async throws {
    let semaphore = Semaphore(permits: 0)
    async let first = semaphore.acquire()
    async let second = onThread { try semaphore.acquire() }
    try await semaphore.room.hasInLine(2)
    semaphore.release(5)
    #expect(semaphore.freePermits == 3)
    #expect(try await first)
    #expect(try await second)
  }

  #if DEBUG
    @Test func blockingInATaskIsReported() {
      let semaphore = Semaphore(permits: 0)
      for _ in 0..<2 {
        let isTaken = synchronously {
          try? semaphore.acquire(timeout: .milliseconds(50), fileID: "SemaphoreTests/task", line: 7)
        }
        #expect(isTaken == false)
      }
      #expect(BlockingCheck.reportedSites.contains("SemaphoreTests/task:7"))
    }
  #endif
}
