import ParallelCore
import Synchronization
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct BarrierStressTests {
  private static let parties = 4

  /// How often each number was given out.
  private final class Numbers: Sendable {
    private let counts = Guarded(Array(repeating: 0, count: parties))
    func add(_ number: Int) { counts.withLock { $0[number] += 1 } }
    var all: [Int] { counts.withLock { $0 } }
  }

  /// Sixteen who meet in fours, give up, are cancelled, break the barrier and mend it. All of a round pass or none, so
  /// that each number is given out as often as every other.
  @Test(arguments: [false, true]) func allOfARoundPassOrNone(hasAction: Bool) async throws {
    let actions = Atomic<Int>(0)
    let actionsThatFailed = Atomic<Int>(0)
    let action: @Sendable () throws -> Void = {
      if actions.add(1, ordering: .relaxed).newValue % 64 == 0 {
        actionsThatFailed.add(1, ordering: .relaxed)
        throw Mishap()
      }
    }
    let barrier = Barrier(parties: Self.parties, action: hasAction ? action : nil)
    let numbers = Numbers()
    let oops = Atomic<Int>(0)

    /// What a wait came to.
    @Sendable func count(_ random: inout SeededRandom, _ end: Result<Int, any Error>) throws {
      switch end {
      case .success(let number): numbers.add(number)
      case .failure(is CancellationError): break
      case .failure(is Mishap): oops.add(1, ordering: .relaxed)
      case .failure(let error as ParallelError) where error.code == .timedOut || error.code == .brokenBarrier:
        if !random.oneIn(4) { barrier.reset() }
      case .failure(let error): throw error
      }
      if random.oneIn(256) { barrier.abort() }
    }
    try await StressCrew(for: "BarrierStressTests", release: 500_000).run { random in
      let limit = random.shortTime() * 8
      let end: Result<Int, any Error>
      if random.oneIn(16) {
        let token = CancellationToken(timeout: random.shortTime())
        end = Result { try token.bound { try barrier.wait(timeout: limit) } }
      } else {
        end = Result { try barrier.wait(timeout: limit) }
      }
      try count(&random, end)
    } task: { random in
      let limit = random.shortTime() * 8
      let isToBeCancelled = random.oneIn(16)
      let wait = Task { try await barrier.wait(timeout: limit) }
      if isToBeCancelled {
        await Task.yield()
        wait.cancel()
      }
      try count(&random, await wait.result)
    }
    let counts = numbers.all
    #expect(Set(counts).count == 1, "\(counts)")
    #expect(counts[0] > 0)
    #expect(oops.load(ordering: .relaxed) == actionsThatFailed.load(ordering: .relaxed))
    if hasAction {
      #expect(
        counts[0] <= actions.load(ordering: .relaxed) - actionsThatFailed.load(ordering: .relaxed))
    }
    #expect(barrier.room.read { $1.count } == 0)
    barrier.reset()
    #expect((barrier.isBroken, barrier.waitingCount) == (false, 0))
  }
}
