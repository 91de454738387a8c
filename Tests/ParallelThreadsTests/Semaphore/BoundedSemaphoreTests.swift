import ParallelCore
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct BoundedSemaphoreTests {
  @Test func givingBackMoreThanIsTakenIsAnErrorAndGivesNothing() throws {
    let semaphore = BoundedSemaphore(permits: 3)
    #expect(try failure(of: { try semaphore.release() }) == .misuse)
    #expect(semaphore.freePermits == 3)
    #expect(semaphore.tryAcquire())
    #expect(try failure(of: { try semaphore.release(2) }) == .misuse)
    #expect(try failure(of: { try semaphore.release(.max) }) == .misuse)
    #expect(semaphore.freePermits == 2)
    try semaphore.release()
    #expect(semaphore.freePermits == 3)
    #expect(semaphore.permits == 3)
  }

  @Test func withoutPermitsNoneCanBeGivenBack() throws {
    let semaphore = BoundedSemaphore(permits: 0)
    #expect(!semaphore.tryAcquire())
    #expect(try failure(of: { try semaphore.release() }) == .misuse)
  }

  @Test func handsItsPermitsToThoseWhoWait() async throws {
    let semaphore = BoundedSemaphore(permits: 2)
    #expect(semaphore.tryAcquire())
    #expect(semaphore.tryAcquire())
    async let thread = onThread { try semaphore.acquire() }
    async let task = semaphore.acquire()
    try await semaphore.room.hasInLine(2)
    #expect(try failure(of: { try semaphore.release(3) }) == .misuse)
    #expect(semaphore.room.read { $1.count } == 2)
    try semaphore.release(2)
    #expect(try await thread)
    #expect(try await task)
    #expect(semaphore.freePermits == 0)
    try semaphore.release(2)
    #expect(try failure(of: { try semaphore.release() }) == .misuse)
  }
}

@Suite struct WithPermitTests {
  @Test func holdsAPermitAndGivesItBackAlsoWhenTheBodyThrows() async throws {
    for semaphore in [Semaphore(permits: 1), BoundedSemaphore(permits: 1)] as [PermitCounter] {
      let free = try await onThread { try semaphore.withPermit { semaphore.freePermits } }
      #expect(free == 0)
      #expect(try await semaphore.withPermit { semaphore.freePermits } == 0)
      #expect(semaphore.freePermits == 1)
      await #expect(throws: Mishap(number: 1)) {
        try await onThread { try semaphore.withPermit { throw Mishap(number: 1) } }
      }
      await #expect(throws: Mishap(number: 2)) {
        try await semaphore.withPermit {
          await Task.yield()
          throw Mishap(number: 2)
        }
      }
      #expect(semaphore.freePermits == 1)
    }
  }

  @Test func aCancelledWaitRunsNothingAndGivesNothingBack() async throws {
    let semaphore = Semaphore(permits: 0)
    let task = Task { try await isCancelled { try await semaphore.withPermit { Issue.record("it ran") } } }
    let token = CancellationToken()
    async let thread = onThread {
      try token.bound { try isCancelled { try semaphore.withPermit { Issue.record("it ran") } } }
    }
    try await semaphore.room.hasInLine(2)
    task.cancel()
    token.cancel()
    #expect(try await task.value)
    #expect(try await thread)
    #expect(semaphore.freePermits == 0)
  }

  @Test func aPermitThatTheBodyGaveBackIsMissed() async throws {
    let semaphore = BoundedSemaphore(permits: 1)
    let error = await #expect(throws: ParallelError.self) {
      try await semaphore.withPermit { try semaphore.release() }
    }
    #expect(error?.code == .misuse)
    // What the body throws tells more.
    await #expect(throws: Mishap.self) {
      try await onThread {
        try semaphore.withPermit {
          try semaphore.release()
          throw Mishap()
        }
      }
    }
    #expect(semaphore.freePermits == 1)
  }
}
