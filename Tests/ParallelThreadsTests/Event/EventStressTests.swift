import Glibc
import ParallelCore
import Synchronization
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct EventStressTests {
  /// A door that one keeps opening and closing, and those who go through it.
  private final class Door: Sendable {
    let event = Event()
    /// Counted before it is opened.
    private let openings = Atomic<Int>(0)
    /// Counted after it was closed.
    private let closings = Atomic<Int>(0)
    private let isDone = Atomic<Bool>(false)

    /// On a thread of its own: tasks may have to wait long for a processor while other tests run.
    func keepMoving() {
      while !isDone.load(ordering: .relaxed) {
        openings.add(1, ordering: .sequentiallyConsistent)
        event.set()
        if openings.load(ordering: .relaxed) % 4 == 0 { sched_yield() }
        event.clear()
        closings.add(1, ordering: .sequentiallyConsistent)
        sched_yield()
      }
    }

    func stop() { isDone.store(true, ordering: .relaxed) }

    /// How often it was opened, if it is known to be closed.
    func openingsIfClosed() -> Int? {
      let closed = closings.load(ordering: .sequentiallyConsistent)
      let opened = openings.load(ordering: .sequentiallyConsistent)
      return opened == closed ? opened : nil
    }

    /// Whoever found it closed gets through only once it is opened again.
    func check(_ passed: Bool, _ before: Int?) {
      guard passed, let before else { return }
      let now = openings.load(ordering: .sequentiallyConsistent)
      if now == before { Issue.record("through a closed door, after \(now) openings") }
    }
  }

  /// Who waits without a limit is let through by an opening, however short, or this never ends.
  @Test func theDoorLetsThroughWhileItIsOpenAndNobodyElse() async throws {
    let door = Door()
    let event = door.event
    async let mover: Void = onThread { door.keepMoving() }
    try await StressCrew(for: "EventStressTests", release: 1_000_000).run { random in
      let before = door.openingsIfClosed()
      let passed =
        if random.oneIn(16) {
          (try? CancellationToken(timeout: random.shortTime()).bound { try event.wait() }) ?? false
        } else {
          try event.wait(timeout: random.oneIn(2) ? nil : random.shortTime())
        }
      door.check(passed, before)
    } task: { random in
      let before = door.openingsIfClosed()
      let timeout: Duration? = random.oneIn(2) ? nil : random.shortTime()
      if random.oneIn(16) {
        let wait = Task { try await event.wait(timeout: timeout) }
        if random.oneIn(2) { await Task.yield() }
        wait.cancel()
        door.check((try? await wait.value) ?? false, before)
      } else {
        door.check(try await event.wait(timeout: timeout), before)
      }
    }
    door.stop()
    try await mover
    #expect(event.room.read { $1.count } == 0)
  }
}
