import ParallelCore
import TestSupport
import Testing

@testable import ParallelThreads

/// The locks that a condition can have.
enum LockKind: CaseIterable {
  case own, plain, recursive

  func makeCondition() -> Condition {
    switch self {
    case .own: Condition()
    case .plain: Condition(lock: Lock())
    case .recursive: Condition(lock: RecursiveLock())
    }
  }
}

@Suite struct ConditionTests {
  @Test(arguments: LockKind.allCases) func wakesExactlyAsManyAsAskedFor(kind: LockKind) async throws {
    let condition = kind.makeCondition()
    let woken = Guarded(0)
    try await withThrowingTaskGroup { group in
      for _ in 0..<10 {
        group.addTask {
          try await onThread {
            try condition.withLock { _ = try condition.wait() }
            woken.withLock { $0 += 1 }
          }
        }
      }
      try await condition.room.hasInLine(10)
      for (count, left) in [(3, 7), (5, 2), (1, 1)] {
        condition.withLock { condition.notify(count) }
        #expect(condition.waitingCount == left)
        try await eventually("woken") { woken.withLock { $0 } == 10 - left }
      }
      // More than there are wakes those who are there, and is not kept for later ones.
      condition.withLock { condition.notify(5) }
      try await group.waitForAll()
    }
    #expect(woken.withLock { $0 } == 10)
    #expect(condition.waitingCount == 0)
    #expect(!condition.lock.isLocked)
  }

  @Test func notifyAllWakesAll() async throws {
    let condition = Condition()
    try await withThrowingTaskGroup { group in
      for _ in 0..<10 {
        group.addTask { try await onThread { try condition.withLock { try condition.wait() } } }
      }
      try await condition.room.hasInLine(10)
      condition.withLock { condition.notifyAll() }
      #expect(condition.waitingCount == 0)
      for try await isNotified in group { #expect(isNotified) }
    }
  }

  @Test func wakesInTheOrderOfArrival() async throws {
    let lock = Lock()
    let condition = Condition(lock: lock)
    let order = Guarded<[Int]>([])
    try await withThrowingTaskGroup { group in
      for number in 0..<8 {
        group.addTask {
          try await onThread {
            try lock.withLock {
              try condition.wait()
              order.withLock { $0.append(number) }
            }
          }
        }
        try await condition.room.hasInLine(number + 1)
      }
      for count in 1...8 {
        lock.withLock { condition.notify() }
        try await eventually("one more") { order.withLock { $0.count } == count }
      }
      try await group.waitForAll()
    }
    #expect(order.withLock { $0 } == Array(0..<8))
  }

  @Test func aNotificationThatNobodyWaitsForIsNotKept() async throws {
    let condition = Condition()
    try await onThread {
      try condition.withLock {
        condition.notify(3)
        condition.notifyAll()
        let isNotified = try condition.wait(timeout: .milliseconds(5))
        #expect(!isNotified)
      }
    }
  }

  @Test(arguments: LockKind.allCases, [Duration.zero, .seconds(-1), .nanoseconds(1), .milliseconds(10)])
  func aWaitGivesUpAtItsDeadlineWithTheLockHeld(kind: LockKind, timeout: Duration) async throws {
    let condition = kind.makeCondition()
    try await onThread {
      condition.lock.withLock {
        let deadline = Deadline(timeout: timeout)
        let isNotified = try? condition.wait(timeout: timeout)
        #expect(isNotified == false)
        #expect(deadline.hasPassed)
        #expect(condition.lock.isLocked)
      }
      #expect(!condition.lock.isLocked)
    }
    #expect(condition.waitingCount == 0)
  }

  /// While the notifier holds the lock, who was notified stays in `wait`.
  @Test(arguments: LockKind.allCases) func whoIsNotifiedWaitsForTheLock(kind: LockKind) async throws {
    let condition = kind.makeCondition()
    let isBack = Guarded(false)
    async let waiter: Void = onThread {
      try condition.withLock {
        try condition.wait()
        isBack.withLock { $0 = true }
      }
    }
    try await condition.room.hasInLine(1)
    try await onThread {
      try condition.withLock {
        condition.notify()
        // It is awake and wants the lock.
        try eventually("the waiter wants the lock") { condition.hasSleeper }
        #expect(!isBack.withLock { $0 })
      }
    }
    try await waiter
    #expect(isBack.withLock { $0 })
  }

  @Test func aWaitGivesBackARecursiveLockCompletely() async throws {
    let lock = RecursiveLock()
    let condition = Condition(lock: lock)
    async let waiter: Int = onThread {
      try lock.withLock {
        try lock.withLock {
          try lock.withLock {
            try condition.wait()
            return lock.depth
          }
        }
      }
    }
    try await condition.room.hasInLine(1)
    try await eventually("free") { lock.depth == 0 && !lock.isLocked }
    try await onThread {
      lock.withLock {
        #expect(lock.depth == 1)
        condition.notify()
      }
    }
    #expect(try await waiter == 3)
    #expect((lock.isLocked, lock.depth) == (false, 0))
  }

  @Test(arguments: [false, true]) func conditionsOfOneLockAreNotifiedApart(isRecursive: Bool) async throws {
    let plain = Lock(), recursive = RecursiveLock()
    let full = isRecursive ? Condition(lock: recursive) : Condition(lock: plain)
    let empty = isRecursive ? Condition(lock: recursive) : Condition(lock: plain)
    #expect(full.lock === empty.lock)
    async let first = onThread { try full.withLock { try full.wait() } }
    async let second = onThread { try empty.withLock { try empty.wait() } }
    try await full.room.hasInLine(1)
    try await empty.room.hasInLine(1)
    full.withLock { empty.notifyAll() }
    #expect(try await second)
    #expect(full.waitingCount == 1)
    full.withLock { full.notify() }
    #expect(try await first)
  }
}

extension Condition {
  /// Whether a thread sleeps for the condition's lock.
  var hasSleeper: Bool {
    switch conditionLock {
    case .plain(let lock): lock.isLockedWithSleepers
    case .recursive(let lock): lock.isLockedWithSleepers
    }
  }
}
