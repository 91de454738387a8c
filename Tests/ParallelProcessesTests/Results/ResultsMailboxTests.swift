import ParallelCore
import TestSupport
import Testing

@testable import ParallelProcesses

@Suite struct ResultsMailboxTests {
  private struct Marked: Error, Equatable { var index: Int }

  /// A mailbox with `count` slots in use, slot and index being the same.
  private func mailbox(_ order: ResultOrder, _ count: Int) -> ResultsMailbox {
    let mailbox = ResultsMailbox(order: order)
    mailbox.occupy((0..<count).map { ($0, nil) })
    return mailbox
  }

  private func put(_ index: Int, into mailbox: ResultsMailbox) {
    mailbox.put([(index, .failed(Marked(index: index)))])
  }

  /// The indices of all that can be taken now; each must have the outcome that was put into its slot.
  private func takeAll(_ mailbox: ResultsMailbox) -> [Int] {
    guard case .arrivals(let arrivals) = mailbox.take() else { return [] }
    for arrival in arrivals {
      #expect(arrival.slot == arrival.index)
      guard case .failed(let error as Marked) = arrival.outcome else {
        Issue.record("another outcome: \(arrival.outcome)")
        continue
      }
      #expect(error.index == arrival.index)
    }
    return arrivals.map(\.index)
  }

  private func isMet(_ request: MailboxState.Request, _ mailbox: ResultsMailbox) throws -> Bool {
    try mailbox.wait(for: request, until: Deadline(timeout: .zero), fileID: #fileID, line: #line)
  }

  private func outcomes(_ count: Int, orMoreThan known: Int = .max) -> MailboxState.Request {
    .outcomes(count: count, orMoreThan: known)
  }

  @Test func deliversAsTheyCome() {
    let mailbox = mailbox(.completion, 3)
    #expect(takeAll(mailbox) == [])
    for index in [2, 0, 1] { put(index, into: mailbox) }
    #expect(takeAll(mailbox) == [2, 0, 1])
    #expect(takeAll(mailbox) == [])
  }

  @Test func deliversInOrder() {
    let mailbox = mailbox(.input, 4)
    put(2, into: mailbox)
    put(1, into: mailbox)
    #expect(takeAll(mailbox) == [])
    put(0, into: mailbox)
    #expect(takeAll(mailbox) == [0, 1, 2])
    put(3, into: mailbox)
    #expect(takeAll(mailbox) == [3])
  }

  @Test(arguments: [ResultOrder.input, .completion])
  func slotsAreUsedAgainAndIndicesGoOn(order: ResultOrder) {
    let mailbox = mailbox(order, 2)
    put(0, into: mailbox)
    #expect(takeAll(mailbox) == [0])
    #expect(mailbox.takeReleased() == [])
    mailbox.release([0])
    #expect(mailbox.takeReleased() == [0])
    #expect(mailbox.takeReleased() == [])
    mailbox.occupy([(0, nil)])
    put(1, into: mailbox)
    put(0, into: mailbox)
    guard case .arrivals(let arrivals) = mailbox.take() else { return #expect(Bool(false), "nothing came") }
    #expect(arrivals.map(\.index) == [1, 2] && arrivals.map(\.slot) == [1, 0])
  }

  @Test(arguments: [ResultOrder.input, .completion])
  func aWaitIsOverWhenThereIsSomethingToTake(order: ResultOrder) throws {
    let mailbox = mailbox(order, 2)
    #expect(try !isMet(outcomes(1), mailbox))
    put(1, into: mailbox)
    #expect(try isMet(outcomes(1), mailbox) == (order == .completion))
    put(0, into: mailbox)
    #expect(try isMet(outcomes(1), mailbox))
    #expect(takeAll(mailbox).sorted() == [0, 1])
    #expect(try !isMet(outcomes(1), mailbox))
  }

  @Test func failuresAreNewsAtOnce() throws {
    let mailbox = mailbox(.completion, 10)
    put(0, into: mailbox)
    #expect(try isMet(outcomes(10), mailbox))
  }

  @Test func anyOutcomeMayLeaveAPlace() throws {
    let mailbox = mailbox(.input, 2)
    #expect(try !isMet(outcomes(1, orMoreThan: 0), mailbox))
    put(1, into: mailbox)
    #expect(try isMet(outcomes(1, orMoreThan: 0), mailbox))
    #expect(try !isMet(outcomes(1, orMoreThan: 1), mailbox))
  }

  @Test func theEndComesAfterTheLastOutcome() throws {
    let mailbox = mailbox(.completion, 1)
    mailbox.end(.failed(Marked(index: 7)))
    #expect(try !isMet(outcomes(1), mailbox))
    put(0, into: mailbox)
    #expect(takeAll(mailbox) == [0])
    guard case .nothing = mailbox.take() else { return #expect(Bool(false), "ended with a slot in use") }
    guard case .over(.failed(let error)) = mailbox.take(releasing: [0]) else {
      return #expect(Bool(false), "not over")
    }
    #expect(error as? Marked == Marked(index: 7))
    #expect(try isMet(outcomes(1), mailbox))
  }

  @Test func roomIsThereWhenSlotsAreReleased() throws {
    let mailbox = mailbox(.completion, 2)
    #expect(try !isMet(.room(1), mailbox))
    put(0, into: mailbox)
    #expect(takeAll(mailbox) == [0])
    #expect(try !isMet(.room(1), mailbox))
    mailbox.release([0])
    #expect(try isMet(.room(1), mailbox))
  }

  @Test func anAbandonedIterationIsOverAndTakesNothing() async throws {
    let mailbox = mailbox(.input, 3)
    put(0, into: mailbox)
    let waiter = Task { try await mailbox.wait(for: .room(0), until: .never) }
    let item = PoolItem(
      type: try TaskType.of(Add.self), message: .bytes(EncodedMessage(bytes: [])),
      sink: ResultsMailbox.Address(mailbox: mailbox, slot: 1))
    #expect(mailbox.attach(item, to: 1))
    let cancelled = mailbox.abandon()
    #expect(cancelled.count == 1 && cancelled.first === item)
    #expect(mailbox.abandon().isEmpty)
    #expect(try await waiter.value)
    #expect(!mailbox.attach(item, to: 1))
    put(1, into: mailbox)
    mailbox.release([0])
    mailbox.occupy([(0, nil)])
    mailbox.end(.failed(Marked(index: 1)))
    guard case .over(.exhausted) = mailbox.take() else { return #expect(Bool(false), "not over") }
  }

  @Test func outcomesOfSeveralMailboxesTravelInOneBulk() {
    let first = mailbox(.completion, 3)
    let second = mailbox(.completion, 3)
    var bulk = OutcomeBulk()
    for (mailbox, slot) in [(first, 0), (first, 2), (second, 1), (first, 1)] {
      let address = ResultsMailbox.Address(mailbox: mailbox, slot: slot)
      address.complete(.failed(Marked(index: slot)), of: 0, through: &bulk)
    }
    #expect(takeAll(second) == [1])
    bulk.deliver()
    bulk.deliver()
    #expect(takeAll(first) == [0, 2, 1])
    #expect(takeAll(second) == [])
  }

  @Test(arguments: [ResultOrder.input, .completion]) func resultsThatCameTogetherGoToTheirSlots(
    order: ResultOrder
  ) {
    let mailbox = mailbox(order, 4)
    for index in 0..<4 { put(index, into: mailbox) }
    #expect(takeAll(mailbox) == [0, 1, 2, 3])
    // In use again, in another order.
    let slots = [3, 1, 0, 2]
    mailbox.release(slots)
    mailbox.occupy(slots.map { ($0, nil) })
    let frames = (0..<4).map { Frame(kind: .result, sequence: 1, payload: [UInt8($0)]) }
    let answers = Answers(frames, worker: 1)
    let addresses = ResultsMailbox.Addresses(mailbox: mailbox, slots: slots)
    var bulk = OutcomeBulk()
    for range in [2..<4, 0..<2] {
      addresses.complete(
        AnswerRun(answers: answers, range: range), from: range.lowerBound, through: &bulk)
    }
    bulk.deliver()
    guard case .arrivals(let arrivals) = mailbox.take() else { return #expect(Bool(false), "nothing came") }
    #expect(arrivals.map(\.index) == (order == .input ? [4, 5, 6, 7] : [6, 7, 4, 5]))
    for arrival in arrivals {
      #expect(arrival.slot == slots[arrival.index - 4])
      guard case .answer(let answer) = arrival.outcome else { return #expect(Bool(false), "no answer") }
      #expect(answer.payload == [UInt8(arrival.index - 4)])
    }
    #expect(mailbox.read { $0.total == 8 })
  }

  @Test(arguments: [ResultOrder.input, .completion]) func nothingIsLostBetweenThreads(
    order: ResultOrder
  ) throws {
    var random = SeededRandom(for: "results mailbox")
    let count = rounds(release: 200_000)
    let mailbox = mailbox(order, count)
    let indices = (0..<count).shuffled(using: &random)
    let writers = try (0..<2).map { half in
      try NativeThread.start(name: "mailbox") {
        for place in stride(from: half, to: count, by: 2) {
          let index = indices[place]
          mailbox.put([(index, .failed(Marked(index: index)))])
        }
      }
    }
    var taken: [Int] = []
    while taken.count < count {
      taken += takeAll(mailbox)
      if taken.count < count {
        #expect(
          try mailbox.wait(
            for: outcomes(1), until: Deadline(timeout: .seconds(600)), fileID: #fileID, line: #line))
      }
    }
    for writer in writers { writer.join() }
    if order == .input {
      #expect(taken == Array(0..<count))
    } else {
      #expect(taken.sorted() == Array(0..<count))
    }
  }
}
