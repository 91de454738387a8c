import ParallelCore
import TestSupport
import Testing

@testable import ParallelThreads

/// What happens to a barrier while the last one runs its action.
@Suite struct BarrierActionTests {
  /// A barrier for two whose action waits in the middle.
  private struct Scene: Sendable {
    let begun: Gate
    let goOn: Gate
    let fails = Guarded(false)
    let actions = Guarded(0)
    let barrier: Barrier

    init() throws {
      let (begun, goOn) = (try Gate(), try Gate())
      (self.begun, self.goOn) = (begun, goOn)
      barrier = Barrier(parties: 2) { [fails, actions] in
        // Later rounds find the gate open.
        actions.withLock { $0 += 1 }
        begun.open()
        goOn.pass()
        if fails.withLock({ $0 }) { throw Mishap() }
      }
    }

    func waits() async throws -> ParallelError.Code? {
      try await onThread { try failure { try barrier.wait() } }
    }

    /// Both come, and the last one is in its action when `body` runs.
    func duringTheAction(_ body: () async throws -> Void) async throws -> [ParallelError.Code?] {
      async let first = waits()
      try await barrier.room.hasInLine(1)
      async let leader = waits()
      try await begun.opened()
      try await body()
      return [try await first, try await leader]
    }

    func isUsable() async throws -> Bool {
      async let one = waits()
      async let other = waits()
      return try await (one, other) == (nil, nil)
    }
  }

  @Test func anAbortReachesTheLeaderWhenItComesBack() async throws {
    let scene = try Scene()
    let ends = try await scene.duringTheAction {
      scene.barrier.abort()
      scene.goOn.open()
    }
    #expect(ends == [.brokenBarrier, .brokenBarrier])
    #expect(scene.barrier.isBroken)
  }

  @Test func aResetReachesTheLeaderTooAndTheBarrierIsAsNew() async throws {
    let scene = try Scene()
    let ends = try await scene.duringTheAction {
      scene.barrier.reset()
      #expect((scene.barrier.isBroken, scene.barrier.waitingCount) == (false, 0))
      scene.goOn.open()
    }
    #expect(ends == [.brokenBarrier, .brokenBarrier])
    #expect(try await scene.isUsable())
  }

  /// The barrier was made as new meanwhile: its new round has nothing to do with the old one's action.
  @Test func anActionThatThrowsAfterAResetBreaksNothing() async throws {
    let scene = try Scene()
    async let first = scene.waits()
    try await scene.barrier.room.hasInLine(1)
    async let leader = onThread { () throws -> Bool in
      do { try scene.barrier.wait() } catch is Mishap { return true }
      return false
    }
    try await scene.begun.opened()
    scene.barrier.reset()
    async let next = scene.waits()
    try await scene.barrier.room.hasInLine(1)
    scene.fails.withLock { $0 = true }
    scene.goOn.open()
    #expect(try await leader)
    #expect(try await first == .brokenBarrier)
    #expect(!scene.barrier.isBroken)
    #expect(scene.barrier.waitingCount == 1)
    scene.fails.withLock { $0 = false }
    #expect(try await scene.waits() == nil)
    #expect(try await next == nil)
  }

  @Test func anActionThatThrowsAfterAnAbortLeavesItBroken() async throws {
    let scene = try Scene()
    scene.fails.withLock { $0 = true }
    async let first = scene.waits()
    try await scene.barrier.room.hasInLine(1)
    async let leader = onThread { () throws -> Bool in
      do { try scene.barrier.wait() } catch is Mishap { return true }
      return false
    }
    try await scene.begun.opened()
    scene.barrier.abort()
    scene.goOn.open()
    #expect(try await leader)
    #expect(try await first == .brokenBarrier)
    #expect(scene.barrier.isBroken)
  }

  /// Those who come while the action runs belong to the next round: they neither go on with this one, nor hold it up.
  @Test func arrivalsDuringTheActionBelongToTheNextRound() async throws {
    let scene = try Scene()
    let next = Guarded<Task<ParallelError.Code?, any Error>?>(nil)
    let ends = try await scene.duringTheAction {
      next.withLock { $0 = Task { try await scene.waits() } }
      try await scene.barrier.room.hasInLine(2)
      #expect(scene.barrier.waitingCount == 1)
      scene.goOn.open()
    }
    #expect(ends == [nil, nil])
    #expect(scene.barrier.waitingCount == 1)
    #expect(try await scene.waits() == nil)
    #expect(try await next.withLock { $0 }?.value == .some(nil))
    #expect(scene.actions.withLock { $0 } == 2)
  }

  /// All have come, but who waits is not kept by a slow action.
  @Test func whoIsCancelledDuringTheActionLeavesAtOnce() async throws {
    let scene = try Scene()
    let token = CancellationToken()
    async let first = onThread { try token.bound { try isCancelled { try scene.barrier.wait() } } }
    try await scene.barrier.room.hasInLine(1)
    async let leader = scene.waits()
    try await scene.begun.opened()
    token.cancel()
    #expect(try await first)
    scene.goOn.open()
    #expect(try await leader == .brokenBarrier)
    #expect(scene.barrier.isBroken)
  }
}
