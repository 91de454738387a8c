import ParallelCore
import Synchronization
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct SemaphoreStressTests {
  private static let permits = 3

  private let inside = Counter()

  /// How many hold a permit.
  private final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    func enter() {
      if count.add(1, ordering: .relaxed).newValue > permits { Issue.record("more are inside than permits") }
    }
    func leave() { count.subtract(1, ordering: .relaxed) }
  }

  /// Gives back as a bounded one does: one too many would be found.
  @Test func permitsAreNeitherLostNorMade() async throws {
    let semaphore = BoundedSemaphore(permits: Self.permits)
    let inside = inside
    try await StressCrew(for: "SemaphoreStressTests", release: 1_000_000).run { random in
      let isIn =
        switch random.next() % 16 {
        case 0, 1: semaphore.tryAcquire()
        case 2...5: try semaphore.acquire(timeout: random.shortTime())
        case 6:
          (try? CancellationToken(timeout: random.shortTime()).bound { try semaphore.acquire() }) ?? false
        default: try semaphore.acquire()
        }
      guard isIn else { return }
      inside.enter()
      inside.leave()
      try semaphore.release()
    } task: { random in
      let isIn: Bool
      switch random.next() % 16 {
      case 0, 1: isIn = semaphore.tryAcquire()
      case 2...5: isIn = try await semaphore.acquire(timeout: random.shortTime())
      case 6:
        let attempt = Task { try await semaphore.acquire() }
        if random.oneIn(2) { await Task.yield() }
        attempt.cancel()
        isIn = (try? await attempt.value) ?? false
      default: isIn = try await semaphore.acquire()
      }
      guard isIn else { return }
      inside.enter()
      if random.oneIn(8) { await Task.yield() }
      inside.leave()
      try semaphore.release()
    }
    #expect(semaphore.freePermits == Self.permits)
    #expect(semaphore.room.read { $1.count } == 0)
  }
}
