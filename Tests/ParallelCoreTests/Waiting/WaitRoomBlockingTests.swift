import ParallelCore
import TestSupport
import Testing

@Suite struct WaitRoomBlockingTests {
  @Test func whoFindsWhatItWantsDoesNotWait() throws {
    let semaphore = TestSemaphore(2)
    #expect(semaphore.enter() == nil)
    #expect(semaphore.available == 1)
    #expect(semaphore.requests == [])
  }

  @Test func aThreadSleepsUntilItIsAdmitted() async throws {
    let semaphore = TestSemaphore(0)
    async let isAdmitted = onThread { try semaphore.acquire() }
    try await eventually("the thread waits") { semaphore.requests == [1] }
    semaphore.release()
    #expect(try await isAdmitted)
    #expect(semaphore.requests == [])
  }

  @Test(arguments: [Duration.zero, .seconds(-1), .milliseconds(2)])
  func aThreadGivesUpAtTheDeadlineAndNeverBefore(timeout: Duration) async throws {
    let semaphore = TestSemaphore(0)
    try await onThread {
      let deadline = Deadline(timeout: timeout)
      let isAdmitted = try semaphore.acquire(until: deadline)
      #expect(!isAdmitted)
      #expect(deadline.hasPassed)
    }
    #expect(semaphore.requests == [])
    #expect(semaphore.room.read { permits, _ in permits.waiting } == 0)
  }

  @Test func admissionBeatsTheDeadline() async throws {
    let semaphore = TestSemaphore(0)
    try await onThread {
      let waiter = try #require(semaphore.enter())
      semaphore.release()
      #expect(try semaphore.park(waiter, until: Deadline(nanoseconds: 0)))
    }
  }

  @Test func admissionBeatsCancellation() async throws {
    let semaphore = TestSemaphore(0)
    let source = CancellationSource()
    source.cancel()
    try await onThread {
      let waiter = try #require(semaphore.enter())
      semaphore.release()
      #expect(try source.bound { try semaphore.park(waiter) })
    }
  }

  @Test func cancellationBeforeTheWaitEndsIt() async throws {
    let semaphore = TestSemaphore(0)
    let source = CancellationSource()
    source.cancel()
    try await onThread {
      _ = #expect(throws: CancellationError.self) { try source.bound { try semaphore.acquire() } }
    }
    #expect(semaphore.requests == [])
  }

  @Test func cancellationDuringTheWaitEndsIt() async throws {
    let semaphore = TestSemaphore(0)
    let source = CancellationSource()
    async let wait: Void = onThread {
      #expect(throws: CancellationError.self) {
        try source.bound { try semaphore.acquire(until: Deadline(timeout: .seconds(3600))) }
      }
    }
    try await eventually("the thread waits") { semaphore.requests == [1] }
    source.cancel()
    try await wait
    #expect(semaphore.requests == [])
  }

  @Test func cancellationAfterTheWaitDoesNothing() async throws {
    let semaphore = TestSemaphore(0)
    let source = CancellationSource()
    async let isAdmitted = onThread { try source.bound { try semaphore.acquire() } }
    try await eventually("the thread waits") { semaphore.requests == [1] }
    semaphore.release()
    #expect(try await isAdmitted)
    source.cancel()
    #expect(semaphore.available == 0)
    #expect(semaphore.requests == [])
  }

  @Test func theThreadsOwnSourceCountsAndNoOther() async throws {
    let semaphore = TestSemaphore(0)
    let (inner, outer) = (CancellationSource(), CancellationSource())
    async let isAdmitted = onThread {
      try outer.bound { try inner.bound { try semaphore.acquire() } }
    }
    try await eventually("the thread waits") { semaphore.requests == [1] }
    outer.cancel()
    #expect(semaphore.requests == [1])
    semaphore.release()
    #expect(try await isAdmitted)
  }

  enum Leaving: CaseIterable, Sendable { case deadline, cancellation }

  /// Who asks for much stands before one who asks for little; when it goes, there is enough for the other.
  @Test(arguments: Leaving.allCases) func whoeverLeavesLetsOthersIn(leaving: Leaving) async throws {
    let semaphore = TestSemaphore(1)
    let source = CancellationSource()
    let big = try #require(semaphore.enter(5))
    async let isAdmitted = onThread { try semaphore.acquire() }
    try await eventually("both wait") { semaphore.requests == [5, 1] }
    try await onThread {
      if leaving == .cancellation {
        source.cancel()
        #expect(throws: CancellationError.self) { try source.bound { try semaphore.park(big) } }
      } else {
        let isAdmitted = try semaphore.park(big, until: .now)
        #expect(!isAdmitted)
      }
    }
    #expect(try await isAdmitted)
    #expect(semaphore.available == 0)
    #expect(semaphore.requests == [])
  }

  @Test func whoWasAdmittedIsWokenAlsoWhenTheChangeFails() async throws {
    struct Oops: Error {}
    let semaphore = TestSemaphore(0)
    async let isAdmitted = onThread { try semaphore.acquire() }
    try await eventually("the thread waits") { semaphore.requests == [1] }
    #expect(throws: Oops.self) {
      try semaphore.room.change { permits, waiters throws(Oops) in
        permits.waiting -= 1
        waiters.admitFirst()
        throw Oops()
      }
    }
    #expect(try await isAdmitted)
  }

  /// Admitting many wakes each, and each may use the room at once.
  @Test func aWokenThreadMayUseTheRoomAtOnce() throws {
    let semaphore = TestSemaphore(0)
    let others = Guarded(0)
    let threads = try (0..<8).map { _ in
      try NativeThread.start(name: "waiter") {
        let isAdmitted = try? semaphore.acquire()
        #expect(isAdmitted == true)
        others.withLock { $0 += 1 }
        semaphore.release()
      }
    }
    try eventually("all wait") { semaphore.requests.count == 8 }
    semaphore.release()
    for thread in threads { thread.join() }
    #expect(others.withLock { $0 } == 8)
    #expect(semaphore.available == 1)
  }
}
