import ParallelCore
import Synchronization
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct MonitorStressTests {
  private struct Store {
    var items: [Int] = []
    var made = 0
    var sumMade = 0
    var taken = 0
    var sumTaken = 0

    mutating func put() {
      made += 1
      sumMade += made
      items.append(made)
    }

    mutating func take() {
      taken += 1
      sumTaken += items.removeFirst()
    }
  }

  /// Many who make and many who take, in a store of limited size; each thing is taken once.
  @Test func everythingPutIsTakenOnce() async throws {
    let store = Monitor(Store())
    let hasRoom: @Sendable (Store) -> Bool = { $0.items.count < 4 }
    let hasItems: @Sendable (Store) -> Bool = { !$0.items.isEmpty }
    try await StressCrew(for: "MonitorStressTests", release: 1_000_000).run { random in
      let puts = random.oneIn(2)
      let limit = random.shortTime()
      func act() throws {
        if random.oneIn(8) { try store.wait(until: puts ? hasRoom : hasItems, timeout: limit) }
        try store.withLock(when: puts ? hasRoom : hasItems, timeout: limit) { puts ? $0.put() : $0.take() }
      }
      do {
        if random.oneIn(8) {
          try CancellationToken(timeout: random.shortTime()).bound { try act() }
        } else {
          try act()
        }
      } catch is CancellationError {
      } catch let error as ParallelError where error.code == .timedOut {}
    } task: { random in
      let puts = random.oneIn(2)
      let limit = random.shortTime()
      let act = Task {
        try await store.withLock(when: puts ? hasRoom : hasItems, timeout: limit) {
          puts ? $0.put() : $0.take()
        }
      }
      if random.oneIn(8) {
        await Task.yield()
        act.cancel()
      }
      do { try await act.value } catch is CancellationError {
      } catch let error as ParallelError where error.code == .timedOut {}
    }
    let end = store.withLock { $0 }
    #expect(end.taken + end.items.count == end.made)
    #expect(end.sumTaken + end.items.reduce(0, +) == end.sumMade)
    #expect(store.waitingCount == 0)
    #expect(store.room.read { $1.count } == 0)
  }

  /// Nobody has a time limit: a waiter that is left behind though its condition holds would hang this.
  @Test func nobodyIsLeftBehind() async throws {
    let turns = rounds(release: 40_000)
    let numbers = Monitor(0)
    // Each waits for his own turn, all round.
    try await withThrowingTaskGroup { group in
      for number in 0..<8 {
        group.addTask {
          let condition: @Sendable (Int) -> Bool = { $0 % 8 == number }
          if number % 2 == 0 {
            for _ in 0..<turns / 8 { try await numbers.withLock(when: condition) { $0 += 1 } }
          } else {
            try await onThread {
              for _ in 0..<turns / 8 { try numbers.withLock(when: condition) { $0 += 1 } }
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(numbers.withLock { $0 } == turns / 8 * 8)
  }
}
