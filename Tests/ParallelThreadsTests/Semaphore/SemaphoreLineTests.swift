import ParallelCore
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct SemaphoreLineTests {
  @Test func threadsAndTasksGetTheirTurnInTheOrderInWhichTheyCame() async throws {
    let semaphore = Semaphore(permits: 0)
    let order = Guarded<[Int]>([])
    try await withThrowingTaskGroup { group in
      for number in 0..<12 {
        group.addTask {
          if number % 2 == 0 {
            _ = try await onThread { try semaphore.acquire() }
          } else {
            try await semaphore.acquire()
          }
          order.withLock { $0.append(number) }
        }
        try await semaphore.room.hasInLine(number + 1)
      }
      for count in 1...12 {
        semaphore.release()
        // Nobody overtakes those who wait.
        if count < 12 { #expect(!semaphore.tryAcquire()) }
        try await eventually("one more") { order.withLock { $0.count } == count }
      }
      try await group.waitForAll()
    }
    #expect(order.withLock { $0 } == Array(0..<12))
  }

  enum Leaving: CaseIterable { case cancelledTask, cancelledThread, timedOutTask, timedOutThread }

  /// One who gives up in the middle of the line takes no permit along, and holds up nobody behind.
  @Test(arguments: Leaving.allCases) func whoLeavesTheLineLosesNothing(leaving: Leaving) async throws {
    let semaphore = Semaphore(permits: 0)
    let token = CancellationToken()
    async let first = semaphore.acquire()
    try await semaphore.room.hasInLine(1)
    let limit = Duration.milliseconds(50)
    let middle = Task {
      switch leaving {
      case .cancelledTask: try await isCancelled { try await semaphore.acquire() }
      case .cancelledThread:
        try await onThread { try token.bound { try isCancelled { try semaphore.acquire() } } }
      case .timedOutTask: try await !semaphore.acquire(timeout: limit)
      case .timedOutThread: try await onThread { try !semaphore.acquire(timeout: limit) }
      }
    }
    if leaving == .cancelledTask || leaving == .cancelledThread { try await semaphore.room.hasInLine(2) }
    async let last = onThread { try semaphore.acquire(timeout: .seconds(600)) }
    try await eventually("the last one") { semaphore.room.read { $1.count } >= 2 }
    token.cancel()
    if leaving == .cancelledTask { middle.cancel() }
    #expect(try await middle.value)
    try await semaphore.room.hasInLine(2)
    semaphore.release(2)
    #expect(try await first)
    #expect(try await last)
    #expect(semaphore.freePermits == 0)
    semaphore.release()
    #expect(semaphore.freePermits == 1)
  }

  @Test func aFreePermitWinsOverACancellation() async throws {
    let semaphore = Semaphore(permits: 2)
    let token = CancellationToken()
    token.cancel()
    #expect(try await onThread { try token.bound { try semaphore.acquire() } })
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await semaphore.acquire()
    }
    #expect(try await task.value)
    #expect(try await onThread { try token.bound { try isCancelled { try semaphore.acquire() } } })
    #expect(semaphore.freePermits == 0)
  }
}
