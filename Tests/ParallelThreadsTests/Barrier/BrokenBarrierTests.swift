import ParallelCore
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct BrokenBarrierTests {
  /// Waits for the two who stand in line with `barrier`, and lets `disturb` end their waits.
  private func endsOfTwo(
    at barrier: Barrier, _ disturb: () async throws -> Void
  ) async throws -> [ParallelError.Code?] {
    async let thread = onThread { try failure { try barrier.wait() } }
    async let task = failureOfTask { try await barrier.wait() }
    try await barrier.room.hasInLine(2)
    try await disturb()
    return [try await thread, try await task]
  }

  private func allPass(_ barrier: Barrier) async throws {
    let numbers = try await withThrowingTaskGroup { group in
      for number in 0..<barrier.parties {
        group.addTask {
          number % 2 == 0 ? try await barrier.wait() : try await onThread { try barrier.wait() }
        }
      }
      return try await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(numbers == Set(0..<barrier.parties))
    #expect((barrier.isBroken, barrier.waitingCount) == (false, 0))
  }

  @Test func abortEndsEveryWaitUntilReset() async throws {
    let barrier = Barrier(parties: 3)
    #expect(try await endsOfTwo(at: barrier) { barrier.abort() } == [.brokenBarrier, .brokenBarrier])
    #expect((barrier.isBroken, barrier.waitingCount) == (true, 0))
    #expect(try await failureOfTask { try await barrier.wait(timeout: .zero) } == .brokenBarrier)
    #expect(try await onThread { try failure { try barrier.wait() } } == .brokenBarrier)
    barrier.abort()
    #expect(barrier.isBroken)
    barrier.reset()
    try await allPass(barrier)
  }

  @Test func resetEndsTheWaitsAndLeavesTheBarrierUsable() async throws {
    let barrier = Barrier(parties: 3)
    #expect(try await endsOfTwo(at: barrier) { barrier.reset() } == [.brokenBarrier, .brokenBarrier])
    #expect((barrier.isBroken, barrier.waitingCount) == (false, 0))
    try await allPass(barrier)
    barrier.reset()
    try await allPass(barrier)
  }

  enum Door: CaseIterable { case thread, task }

  @Test(arguments: Door.allCases, [Duration.zero, .seconds(-1), .milliseconds(20)])
  func oneWhoseTimeIsOverBreaksItForAll(door: Door, timeout: Duration) async throws {
    let barrier = Barrier(parties: 4)
    let deadline = Deadline(timeout: timeout)
    let others = try await endsOfTwo(at: barrier) {
      let own =
        switch door {
        case .thread: try await onThread { try failure { try barrier.wait(timeout: timeout) } }
        case .task: try await failureOfTask { try await barrier.wait(timeout: timeout) }
        }
      #expect(own == .timedOut)
      #expect(deadline.hasPassed)
    }
    #expect(others == [.brokenBarrier, .brokenBarrier])
    #expect(barrier.isBroken)
    barrier.reset()
    try await allPass(barrier)
  }

  @Test func itsOwnLimitHoldsForWaitsThatNameNone() async throws {
    let barrier = Barrier(parties: 2, timeout: .milliseconds(10))
    #expect(try await failureOfTask { try await barrier.wait() } == .timedOut)
    barrier.reset()
    #expect(try await onThread { try failure { try barrier.wait() } } == .timedOut)
    barrier.reset()
    // A limit that the wait names counts, also a longer one.
    async let patient = onThread { try barrier.wait(timeout: .seconds(600)) }
    try await barrier.room.hasInLine(1)
    let deadline = Deadline(timeout: .milliseconds(30))
    try await eventually("longer than its own limit") { deadline.hasPassed }
    #expect(try await barrier.wait() == 1)
    #expect(try await patient == 0)
  }

  @Test(arguments: Door.allCases) func oneWhoIsCancelledBreaksItForAll(door: Door) async throws {
    let barrier = Barrier(parties: 4)
    let token = CancellationToken()
    let others = try await endsOfTwo(at: barrier) {
      let own = Task {
        switch door {
        case .thread: try await onThread { try token.bound { try isCancelled { try barrier.wait() } } }
        case .task: try await isCancelled { try await barrier.wait() }
        }
      }
      try await barrier.room.hasInLine(3)
      token.cancel()
      if door == .task { own.cancel() }
      #expect(try await own.value)
    }
    #expect(others == [.brokenBarrier, .brokenBarrier])
    #expect(barrier.isBroken)
  }

  @Test func theLastOnePassesThoughItIsCancelled() async throws {
    let barrier = Barrier(parties: 2)
    async let first = onThread { try barrier.wait() }
    try await barrier.room.hasInLine(1)
    let token = CancellationToken()
    token.cancel()
    #expect(try await onThread { try token.bound { try barrier.wait(timeout: .zero) } } == 1)
    #expect(try await first == 0)
  }
}
