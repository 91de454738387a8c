import ParallelCore
import Synchronization
import TestSupport
import Testing

@testable import ParallelProcesses

@Suite(.timeLimit(.minutes(10))) struct BatchCursorsTests {
  private let page: LaneMemory

  init() throws { page = LaneMemory(unmapping: try SystemCalls.mapPrivate(size: LaneMemory.size)) }

  private var cursors: BatchCursors { page.cursors }

  @Test func oneTaskAfterTheOther() {
    cursors.announce(5, tasks: 2)
    #expect(cursors.begun(of: 5) == 0)
    #expect(cursors.beginNext(of: 5, after: 0) == .begun)
    #expect(cursors.begun(of: 5) == 1)
    #expect(cursors.beginNext(of: 5, after: 1) == .begun)
    #expect(cursors.beginNext(of: 5, after: 2) == .end)
    #expect(cursors.begun(of: 5) == 2)
  }

  @Test func whatWasBegunIsNotTakenBack() {
    cursors.announce(5, tasks: 10)
    for count in 0..<3 { #expect(cursors.beginNext(of: 5, after: count) == .begun) }
    #expect(cursors.shorten(5, to: 8) == 8)
    #expect(cursors.shorten(5, to: 9) == 8)
    #expect(cursors.shorten(5, to: 0) == 3)
    #expect(cursors.beginNext(of: 5, after: 3) == .end)
    #expect(cursors.begun(of: 5) == 3)
  }

  @Test func theMostTasks() {
    cursors.announce(.max, tasks: BatchCursors.mostTasks)
    #expect(cursors.beginNext(of: .max, after: 0) == .begun)
    #expect(cursors.shorten(.max, to: .max) == BatchCursors.mostTasks)
  }

  @Test func aWordOfAnotherBatchTakesNothingBack() {
    cursors.announce(5, tasks: 10)
    let sameSlot = 5 + UInt64(ItemFates.capacity)
    #expect(cursors.begun(of: sameSlot) == .max)
    #expect(cursors.shorten(sameSlot, to: 0) == .max)
    #expect(cursors.beginNext(of: sameSlot, after: 0) == .nonsense)
    #expect(cursors.beginNext(of: 5, after: 0) == .begun)
  }

  @Test func aCountThatIsNotTheWorkersMakesNoSense() {
    cursors.announce(5, tasks: 10)
    #expect(cursors.beginNext(of: 5, after: 1) == .nonsense)
    #expect(cursors.begun(of: 5) == 0)
  }

  /// Each task is either begun or taken back, whoever comes first.
  @Test func parentAndWorkerAtTheSameTime() throws {
    var random = SeededRandom(for: "batch cursors")
    for round in 0..<UInt64(rounds(release: 20_000)) {
      let count = Int.random(in: 1...40, using: &random)
      cursors.announce(round, tasks: count)
      let begun = Atomic<Int>(0)
      let worker = try NativeThread.start(name: "worker") { [cursors] in
        var own = 0
        while cursors.beginNext(of: round, after: own) == .begun { own += 1 }
        begun.store(own, ordering: .sequentiallyConsistent)
      }
      var stay = count
      for _ in 0..<3 {
        let wish = Int.random(in: 0...count, using: &random)
        let now = cursors.shorten(round, to: wish)
        #expect(now <= stay && now >= min(wish, stay))
        stay = now
      }
      worker.join()
      #expect(begun.load(ordering: .sequentiallyConsistent) == stay)
    }
  }
}
