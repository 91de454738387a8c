import ParallelCore
import Synchronization
import TestSupport
import Testing

@testable import ParallelProcesses

@Suite struct ItemFatesTests {
  private let page: LaneMemory

  init() throws { page = LaneMemory(unmapping: try SystemCalls.mapPrivate(size: LaneMemory.size)) }

  private var fates: ItemFates { page.fates }

  @Test func theOrdinaryCourse() {
    fates.announce(5)
    #expect(fates.state(of: 5) == .pending)
    #expect(fates.begin(5, at: .now))
    #expect(fates.state(of: 5) == .running)
    #expect(fates.finish(5))
    #expect(fates.state(of: 5) == .done)
  }

  @Test func aWithdrawnItemIsNeverBegun() {
    fates.announce(5)
    #expect(fates.withdraw(5))
    #expect(fates.state(of: 5) == .withdrawn)
    #expect(!fates.begin(5, at: .now))
    #expect(!fates.withdraw(5))
    #expect(fates.finish(5))
    #expect(fates.state(of: 5) == .withdrawn)
  }

  @Test func aBegunItemIsNeverWithdrawnOrBegunAgain() {
    fates.announce(5)
    #expect(fates.begin(5, at: .now))
    #expect(!fates.begin(5, at: .now))
    #expect(!fates.withdraw(5))
    #expect(fates.finish(5))
    #expect(!fates.begin(5, at: .now))
    #expect(!fates.withdraw(5))
    #expect(fates.state(of: 5) == .done)
  }

  @Test func aCondemnedItemIsNotDone() {
    fates.announce(5)
    #expect(!fates.condemn(5), "it does not run")
    #expect(fates.begin(5, at: Deadline(nanoseconds: 77)))
    #expect(fates.startOfRun(of: 5) == Deadline(nanoseconds: 77))
    #expect(fates.condemn(5))
    #expect(!fates.condemn(5))
    #expect(!fates.finish(5))
    #expect(fates.state(of: 5) == .condemned)
  }

  @Test func aDoneItemIsNotCondemned() {
    fates.announce(5)
    #expect(fates.begin(5, at: .now))
    #expect(fates.finish(5))
    #expect(!fates.condemn(5))
    #expect(fates.state(of: 5) == .done)
    #expect(!fates.withdraw(5))
  }

  @Test func aWithdrawnItemIsNotCondemned() {
    fates.announce(5)
    #expect(fates.withdraw(5))
    #expect(!fates.condemn(5))
    #expect(fates.finish(5), "only a condemned item is a reason to wait for the end")
  }

  @Test func anItemThatWasNotBegunIsNotFinished() {
    fates.announce(5)
    #expect(fates.finish(5))
    #expect(fates.state(of: 5) == .pending)
  }

  @Test func anItemThatWasNotAnnouncedIsNothing() {
    #expect(fates.state(of: 9) == nil)
    #expect(!fates.begin(9, at: .now))
    #expect(!fates.withdraw(9))
    #expect(fates.finish(9))
    #expect(fates.state(of: 9) == nil)
  }

  @Test func theNextItemOfASlotTakesTheWordOver() {
    let next = 5 + UInt64(ItemFates.capacity)
    fates.announce(5)
    fates.announce(next)
    #expect(fates.state(of: 5) == nil)
    #expect(!fates.begin(5, at: .now))
    #expect(!fates.withdraw(5))
    #expect(fates.finish(5))
    #expect(fates.state(of: next) == .pending)
    #expect(fates.begin(next, at: .now))
  }

  @Test func neighboursDoNotTouchEachOther() {
    let all = 1...UInt64(ItemFates.capacity)
    for sequence in all { fates.announce(sequence) }
    for sequence in all where sequence % 3 == 0 { #expect(fates.begin(sequence, at: .now)) }
    for sequence in all where sequence % 3 == 1 { #expect(fates.withdraw(sequence)) }
    for sequence in all {
      let expected: ItemFates.State = [.running, .withdrawn, .pending][Int(sequence % 3)]
      #expect(fates.state(of: sequence) == expected)
    }
  }

  /// Worker and parent go for the same items at the same time.
  @Test func exactlyOneOfBeginAndWithdrawWins() throws {
    try race("begin", { $0.begin($1, at: .now) }, .running, "withdraw", { $0.withdraw($1) }, .withdrawn)
  }

  /// The worker gets done at the moment in which its parent has had enough.
  @Test func exactlyOneOfFinishAndCondemnWins() throws {
    try race(
      "finish", { $0.finish($1) }, .done, "condemn", { $0.condemn($1) }, .condemned,
      prepare: { _ = $0.begin($1, at: .now) })
  }

  private typealias Move = @Sendable (ItemFates, UInt64) -> Bool

  private func race(
    _ name: String, _ move: @escaping Move, _ state: ItemFates.State,
    _ otherName: String, _ otherMove: @escaping Move, _ otherState: ItemFates.State,
    prepare: (ItemFates, UInt64) -> Void = { _, _ in }
  ) throws {
    let page = page
    let batches = rounds(release: 4_000)
    let seed = SeededRandom(for: "\(name) against \(otherName)").seed
    let turn = Turns()
    let won = [Guarded<[Bool]>([]), Guarded<[Bool]>([])]
    var wins = [0, 0]
    for batch in 0..<batches {
      let sequences = (0..<UInt64(ItemFates.capacity)).map { UInt64(batch * ItemFates.capacity) + $0 + 1 }
      for sequence in sequences {
        page.fates.announce(sequence)
        prepare(page.fates, sequence)
      }
      let threads = try [0, 1].map { side in
        try NativeThread.start(name: "fates-\(side)") {
          var random = SeededRandom(seed: seed &+ UInt64(batch * 2 + side))
          turn.meet(2 * (batch + 1))
          let results = sequences.map { sequence in
            for _ in 0..<random.next() % 8 { _ = random.next() }
            return side == 0 ? move(page.fates, sequence) : otherMove(page.fates, sequence)
          }
          won[side].withLock { $0 = results }
        }
      }
      for thread in threads { thread.join() }
      let begun = won[0].withLock { $0 }
      let withdrawn = won[1].withLock { $0 }
      #expect(zip(begun, withdrawn).allSatisfy { $0 != $1 }, "batch \(batch) of seed \(seed)")
      for (index, sequence) in sequences.enumerated() {
        #expect(page.fates.state(of: sequence) == (begun[index] ? state : otherState))
      }
      wins[0] += begun.count { $0 }
      wins[1] += withdrawn.count { $0 }
    }
    print("ItemFatesTests: \(wins[0]) times \(name) won, \(wins[1]) times \(otherName)")
  }
}

/// Lets threads begin at the same time.
private final class Turns: Sendable {
  private let arrived = Atomic<Int>(0)

  /// Returns when so many have come, from the beginning on.
  func meet(_ count: Int) {
    arrived.add(1, ordering: .acquiringAndReleasing)
    while arrived.load(ordering: .acquiring) < count {}
  }
}
