import ParallelCore
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct MonitorTests {
  @Test func keepsItsValueToOneThreadAtATime() async throws {
    let monitor = Monitor((first: 0, second: 0))
    try await withThrowingTaskGroup { group in
      for _ in 0..<4 {
        group.addTask {
          try await onThread {
            for _ in 0..<1_000 {
              monitor.withLock {
                $0.first += 1
                $0.second += 1
              }
            }
          }
        }
        group.addTask {
          for _ in 0..<1_000 {
            let isInStep = try await monitor.withLock(when: { _ in true }) {
              $0.first += 1
              $0.second += 1
              return $0.first == $0.second
            }
            #expect(isInStep)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(monitor.withLock { $0 } == (8_000, 8_000))
  }

  @Test func aConditionThatHoldsCostsNoWait() async throws {
    let monitor = Monitor(3)
    let token = CancellationToken()
    token.cancel()
    let passed = try await onThread {
      try token.bound { try monitor.wait(until: { $0 == 3 }, timeout: .zero) }
    }
    #expect(passed)
    let value = try await onThread {
      try token.bound {
        try monitor.withLock(when: { $0 == 3 }, timeout: .seconds(-1)) { value in
          value += 1
          return value
        }
      }
    }
    #expect(value == 4)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      let passed = try await monitor.wait(until: { $0 == 4 })
      return try await monitor.withLock(when: { $0 == 4 }) { _ in passed }
    }
    #expect(try await task.value)
  }

  @Test(arguments: [Duration.zero, .seconds(-1), .nanoseconds(1), .milliseconds(20)])
  func givesUpAtItsDeadline(timeout: Duration) async throws {
    let monitor = Monitor(0)
    let deadline = Deadline(timeout: timeout)
    #expect(try await !monitor.wait(until: { $0 > 0 }, timeout: timeout))
    #expect(deadline.hasPassed)
    #expect(
      try await onThread { try !monitor.wait(until: { $0 > 0 }, timeout: timeout) && deadline.hasPassed })
    let task = try await failureOfTask {
      try await monitor.withLock(when: { $0 > 0 }, timeout: timeout) { _ in Issue.record("it ran") }
    }
    #expect(task == .timedOut)
    let thread = try await onThread {
      try failure {
        try monitor.withLock(when: { $0 > 0 }, timeout: timeout) { _ in Issue.record("it ran") }
      }
    }
    #expect(thread == .timedOut)
    try await monitor.room.hasInLine(0)
    #expect(!monitor.lock.isLocked)
  }

  @Test func aKeyPathIsACondition() async throws {
    let monitor = Monitor<[Int]>([])
    #expect(try await monitor.wait(until: \.isEmpty, timeout: .seconds(5)))
    #expect(try await onThread { try monitor.wait(until: \.isEmpty, timeout: .seconds(5)) })
  }

  @Test func withoutTimeItLooksOnce() async throws {
    let monitor = Monitor(0)
    let looks = Guarded(0)
    let never: @Sendable (Int) -> Bool = { _ in
      looks.withLock { $0 += 1 }
      return false
    }
    _ = try await monitor.wait(until: never, timeout: .zero)
    _ = try? await monitor.withLock(when: never, timeout: .zero) { _ in }
    #expect(looks.withLock { $0 } == 2)
  }

  @Test func whatTheBodyThrowsComesOutAndWhatItChangedIsSeen() async throws {
    let monitor = Monitor(0)
    async let thread = onThread { try monitor.wait(until: { $0 == 1 }) }
    async let task = monitor.wait(until: { $0 == 2 })
    async let other = onThread { try monitor.withLock(when: { $0 == 3 }) { $0 } }
    try await monitor.room.hasInLine(3)
    #expect(throws: Mishap.self) {
      try monitor.withLock {
        $0 = 1
        throw Mishap()
      }
    }
    #expect(try await thread)
    await #expect(throws: Mishap.self) {
      try await monitor.withLock(when: { $0 == 1 }) {
        $0 = 2
        throw Mishap()
      }
    }
    #expect(try await task)
    await #expect(throws: Mishap.self) {
      try await onThread {
        try monitor.withLock(when: { $0 == 2 }) {
          $0 = 3
          throw Mishap()
        }
      }
    }
    #expect(try await other == 3)
    #expect(!monitor.lock.isLocked)
  }

  @Test func resultsMayBeNilOrNotCopyable() async throws {
    struct Ticket: ~Copyable { let number: Int }
    let monitor = Monitor<Int?>(nil)
    #expect(monitor.withLock { Ticket(number: $0 ?? 7) }.number == 7)
    #expect(try await monitor.withLock(when: { $0 == nil }) { $0 } == nil)
    #expect(try await onThread { try monitor.withLock(when: { $0 == nil }) { $0 } } == nil)
  }

  @Test(arguments: [false, true]) func aCancelledWaitEnds(isTask: Bool) async throws {
    let monitor = Monitor(0)
    let token = CancellationToken()
    let waits = Task {
      if isTask {
        async let look = isCancelled { try await monitor.wait(until: { $0 > 0 }) }
        async let act = isCancelled { try await monitor.withLock(when: { $0 > 0 }) { $0 } }
        return try await [look, act]
      }
      async let look = onThread {
        try token.bound { try isCancelled { try monitor.wait(until: { $0 > 0 }) } }
      }
      async let act = onThread {
        try token.bound { try isCancelled { try monitor.withLock(when: { $0 > 0 }) { $0 } } }
      }
      return try await [look, act]
    }
    try await monitor.room.hasInLine(2)
    if isTask { waits.cancel() } else { token.cancel() }
    #expect(try await waits.value == [true, true])
    try await monitor.room.hasInLine(0)
    // Nobody waits, so a change calls no condition.
    #expect(monitor.waitingCount == 0)
  }

  #if DEBUG
    @Test func blockingInATaskIsReported() {
      let monitor = Monitor(0)
      synchronously {
        _ = try? monitor.wait(
          until: { $0 > 0 }, timeout: .milliseconds(50), fileID: "MonitorTests/look", line: 7)
        _ = try? monitor.withLock(
          when: { $0 > 0 }, timeout: .milliseconds(50), fileID: "MonitorTests/act", line: 7
        ) { _ in }
      }
      #expect(BlockingCheck.reportedSites.isSuperset(of: ["MonitorTests/look:7", "MonitorTests/act:7"]))
    }
  #endif
}
