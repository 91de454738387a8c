import ParallelCore
import Synchronization
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct CancellationTokenStressTests {
  /// A family of tokens that everybody waits for or cancels, and that is replaced when it is cancelled.
  private final class Family: Sendable {
    let root: CancellationToken
    let children: [CancellationToken]
    let told = Count()

    init() {
      let root = CancellationToken()
      self.root = root
      children = (0..<4).map { _ in CancellationToken(parent: root) }
      _ = root.source.observe { [told] in told.value.add(1, ordering: .relaxed) }
    }
  }

  private final class Count: Sendable {
    let value = Atomic<Int>(0)
  }

  /// Whoever waits without a limit is woken by a cancellation, or this never ends; whoever is told a token is
  /// cancelled finds it so, and its children; observers are told once.
  @Test func everyCancellationReachesAllWhoWait() async throws {
    let families = Guarded(Family())
    let cancelled = Atomic<Int>(0)
    let current: @Sendable () -> Family = { families.withLock { $0 } }
    let cancel: @Sendable (Family) -> Void = { family in
      // Replaced first, so that nobody goes on for ever with one that is cancelled.
      let isFirst = families.withLock { current in
        guard current === family else { return false }
        current = Family()
        return true
      }
      family.root.cancel()
      guard isFirst else { return }
      cancelled.add(1, ordering: .relaxed)
    }
    let event = Event()
    try await StressCrew(for: "CancellationTokenStressTests", release: 1_000_000).run { random in
      let family = current()
      let child = family.children[Int(random.next() % 4)]
      switch random.next() % 8 {
      case 0, 1, 2: cancel(family)
      case 3:
        if try child.wait(timeout: random.shortTime()), !child.isCancelled { Issue.record("told too early") }
      case 4:
        let isOver = try child.bound { try isCancelled { try event.wait(timeout: random.shortTime()) } }
        if isOver, !child.isCancelled { Issue.record("ended without a cancellation") }
      case 5:
        let limited = CancellationToken(parent: child, timeout: random.shortTime())
        let isOver = try limited.bound { try isCancelled { try event.wait() } }
        if !isOver || !limited.isCancelled { Issue.record("ended without a cancellation") }
      case 6:
        child.cancel()
        if !child.isCancelled { Issue.record("not cancelled") }
      default:
        _ = CancellationToken(parent: child, timeout: random.oneIn(2) ? random.shortTime() : nil).isCancelled
      }
    } task: { random in
      let family = current()
      let child = family.children[Int(random.next() % 4)]
      switch random.next() % 4 {
      case 0: cancel(family)
      case 1:
        let wait = Task { try await child.wait() }
        if random.oneIn(2) { await Task.yield() }
        if random.oneIn(2) { wait.cancel() } else { child.cancel() }
        _ = await wait.result
      case 2:
        if try await child.wait(timeout: random.shortTime()), !child.isCancelled {
          Issue.record("told too early")
        }
      default:
        let limited = CancellationToken(parent: child, timeout: random.shortTime())
        if try await !limited.wait() || !limited.isCancelled { Issue.record("ended without a cancellation") }
      }
      if family.told.value.load(ordering: .relaxed) > 1 { Issue.record("told twice") }
    }
    let last = families.withLock { $0 }
    #expect(cancelled.load(ordering: .relaxed) > 0)
    #expect(event.room.read { $1.count } == 0)
    // All who waited for it, and all children made of it, have let go of it.
    #expect(last.root.source.observerCount <= 5)
    #expect(last.children.allSatisfy { $0.source.observerCount == 0 })
  }
}
