import Glibc
import ParallelCore
import TestSupport
import Testing

@testable import ParallelThreads

/// Who is woken by a change.
@Suite struct MonitorSignalTests {
  @Test func justThoseWhoseConditionHoldsAreWoken() async throws {
    let monitor = Monitor(0)
    try await withThrowingTaskGroup(of: Int.self) { group in
      for wanted in 1...6 {
        group.addTask {
          if wanted % 2 == 0 {
            try await monitor.wait(until: { $0 == wanted })
          } else {
            _ = try await onThread { try monitor.wait(until: { $0 == wanted }) }
          }
          return wanted
        }
      }
      try await monitor.room.hasInLine(6)
      monitor.withLock { $0 = 100 }
      #expect(monitor.room.read { $1.count } == 6)
      for (left, wanted) in [4, 1, 6, 3, 2, 5].enumerated() {
        monitor.withLock { $0 = wanted }
        #expect(monitor.room.read { $1.count } == 5 - left)
        #expect(try await group.next() == wanted)
      }
    }
  }

  /// All who only look, and of those who act the first.
  @Test func oneWhoActsGoesOnAloneAndThoseWhoLookTogether() async throws {
    let monitor = Monitor(0)
    let acted = Guarded(0)
    try await withThrowingTaskGroup { group in
      for _ in 0..<3 {
        group.addTask { _ = try await monitor.wait(until: { $0 > 0 }) }
        group.addTask {
          try await onThread {
            try monitor.withLock(when: { $0 > 0 }) { $0 -= 1 }
            acted.withLock { $0 += 1 }
          }
        }
      }
      try await monitor.room.hasInLine(6)
      monitor.withLock { $0 = 1 }
      try await eventually("one acted") { acted.withLock { $0 } == 1 }
      #expect(monitor.room.read { $1.count } == 2)
      // The one who acts signals the next himself.
      monitor.withLock { $0 = 2 }
      try await group.waitForAll()
    }
    #expect(acted.withLock { $0 } == 3)
    #expect(monitor.withLock { $0 } == 0)
  }

  @Test func thoseWhoWaitForTheSameGoOnInTheOrderInWhichTheyCame() async throws {
    let monitor = Monitor(0)
    let order = Guarded<[Int]>([])
    try await withThrowingTaskGroup { group in
      for number in 0..<8 {
        group.addTask {
          let act: @Sendable (inout Int) -> Void = {
            $0 -= 1
            order.withLock { $0.append(number) }
          }
          if number % 2 == 0 {
            try await monitor.withLock(when: { $0 > 0 }) { act(&$0) }
          } else {
            try await onThread { try monitor.withLock(when: { $0 > 0 }) { act(&$0) } }
          }
        }
        try await monitor.room.hasInLine(number + 1)
      }
      monitor.withLock { $0 = 3 }
      try await eventually("three") { order.withLock { $0.count } == 3 }
      monitor.withLock { $0 = 5 }
      try await group.waitForAll()
    }
    #expect(order.withLock { $0 } == Array(0..<8))
  }

  /// Those who were woken and found nothing, because others were quicker, keep their places.
  @Test func thoseWhoFoundNothingKeepTheirPlaces() async throws {
    for _ in 0..<rounds(release: 400) {
      let monitor = Monitor(0)
      let order = Guarded<[Int]>([])
      try await withThrowingTaskGroup { group in
        for number in 0..<4 {
          group.addTask {
            try await onThread {
              try monitor.withLock(when: { $0 > 0 }) {
                $0 -= 1
                order.withLock { $0.append(number) }
              }
            }
          }
          try await monitor.room.hasInLine(number + 1)
        }
        // As if there had been something, and others had taken it before.
        monitor.room.change { _, waiters in waiters.admitAll() }
        try await monitor.room.hasInLine(4)
        monitor.withLock { $0 = 1 }
        try await eventually("one") { order.withLock { $0.count } == 1 }
        #expect(order.withLock { $0 } == [0])
        monitor.withLock { $0 = 3 }
        try await group.waitForAll()
      }
      #expect(order.withLock { $0 } == [0, 1, 2, 3])
    }
  }

  /// A waiter ahead in the line whose condition does not hold keeps nobody from going on.
  @Test func whoWaitsForSomethingElseIsNotInTheWay() async throws {
    let monitor = Monitor(0)
    let first = Task { try await monitor.withLock(when: { $0 < 0 }) { $0 } }
    try await monitor.room.hasInLine(1)
    async let second = onThread { try monitor.withLock(when: { $0 > 0 }) { $0 } }
    try await monitor.room.hasInLine(2)
    monitor.withLock { $0 = 1 }
    #expect(try await second == 1)
    #expect(monitor.room.read { $1.count } == 1)
    monitor.withLock { $0 = -1 }
    #expect(try await first.value == -1)
  }

  /// What a condition holds on to is the user's: its end may use the monitor.
  @Test func aConditionIsLetGoOfWithoutTheLock() async throws {
    final class Ender: Sendable {
      let monitor: Monitor<Int>
      let wasLocked: Guarded<Bool>
      init(_ monitor: Monitor<Int>, _ wasLocked: Guarded<Bool>) {
        (self.monitor, self.wasLocked) = (monitor, wasLocked)
      }
      func isMet(_ value: Int) -> Bool {
        // The wait ends while its condition is being looked at: nobody else holds on to it then.
        if value == 1 { monitor.room.change { _, waiters in waiters.admitAll() } }
        if value == 1 { while monitor.waitingCount > 0 { usleep(100) } }
        return false
      }
      deinit {
        let isLocked = monitor.lock.isLocked
        wasLocked.withLock { $0 = $0 || isLocked }
      }
    }
    let monitor = Monitor(0)
    let wasLocked = Guarded(false)
    async let waiter: Bool = onThread {
      let ender = Ender(monitor, wasLocked)
      return try monitor.wait(until: { ender.isMet($0) })
    }
    try await monitor.room.hasInLine(1)
    try await onThread { monitor.withLock { $0 = 1 } }
    _ = try await waiter
    #expect(!wasLocked.withLock { $0 })
  }
}
