import ParallelCore
import TestSupport
import Testing

@testable import ParallelProcesses

@Suite struct ResultsMailboxTests {
  private struct Marked: Error, Equatable { var index: Int }

  private func put(_ index: Int, into mailbox: ResultsMailbox) {
    ResultsMailbox.Slot(mailbox: mailbox, index: index).complete(.failed(Marked(index: index)))
  }

  /// All that can be taken now; each must be what was put under its index.
  private func takeAll(_ mailbox: ResultsMailbox) -> [Int] {
    var indices: [Int] = []
    while let (index, outcome) = mailbox.take() {
      if case .failed(let error as Marked) = outcome {
        #expect(error.index == index)
      } else {
        Issue.record("another outcome: \(outcome)")
      }
      indices.append(index)
    }
    return indices
  }

  @Test func deliversAsTheyCome() {
    let mailbox = ResultsMailbox(inOrder: false)
    #expect(mailbox.take() == nil)
    for index in [2, 0, 1] { put(index, into: mailbox) }
    #expect(takeAll(mailbox) == [2, 0, 1])
  }

  @Test func deliversInOrder() {
    let mailbox = ResultsMailbox(inOrder: true)
    put(2, into: mailbox)
    put(1, into: mailbox)
    #expect(takeAll(mailbox) == [])
    put(0, into: mailbox)
    #expect(takeAll(mailbox) == [0, 1, 2])
    put(3, into: mailbox)
    #expect(takeAll(mailbox) == [3])
  }

  @Test(arguments: [true, false]) func anArrivalIsDoneWhenThereIsSomethingToTake(inOrder: Bool) {
    let mailbox = ResultsMailbox(inOrder: inOrder)
    let arrival = mailbox.arrival(of: 1)
    put(1, into: mailbox)
    #expect(arrival.isDone == !inOrder)
    put(0, into: mailbox)
    #expect(arrival.isDone)
    #expect(mailbox.arrival(of: 1).isDone)
    #expect(takeAll(mailbox).sorted() == [0, 1])
    #expect(!mailbox.arrival(of: 1).isDone)
  }

  @Test(arguments: [true, false]) func nothingIsLostBetweenThreads(inOrder: Bool) throws {
    let mailbox = ResultsMailbox(inOrder: inOrder)
    var random = SeededRandom(for: "results mailbox")
    let count = rounds(release: 200_000)
    let indices = (0..<count).shuffled(using: &random)
    let writers = try (0..<2).map { half in
      try NativeThread.start(name: "mailbox") {
        for place in stride(from: half, to: count, by: 2) {
          let index = indices[place]
          mailbox.put(index, .failed(Marked(index: index)))
        }
      }
    }
    var taken: [Int] = []
    while taken.count < count {
      taken += takeAll(mailbox)
      if taken.count < count { try mailbox.arrival(of: 1).get(timeout: .seconds(600)) }
    }
    for writer in writers { writer.join() }
    if inOrder { #expect(taken == Array(0..<count)) } else { #expect(taken.sorted() == Array(0..<count)) }
  }
}
