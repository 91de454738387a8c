import DequeModule
import ParallelCore
import ParallelFutures

/// Where the outcomes of one iteration arrive, and where its consumer waits for them.
final class ResultsMailbox: Sendable {
  private struct State {
    let inOrder: Bool
    var arrived: Deque<(index: Int, outcome: ItemOutcome)> = []
    var early: [Int: ItemOutcome] = [:]
    var nextInOrder = 0
    var consumer: Promise<Void>?
    /// How many outcomes the consumer waits for.
    var wanted = 1
    /// How many have come in all, and how many that must be for the consumer to be woken in any case.
    var total = 0
    var wantedTotal = Int.max
    /// A failure may be the end of the whole iteration: from then on every outcome is news.
    var hasFailure = false

    var hasNext: Bool { inOrder ? early[nextInOrder] != nil : !arrived.isEmpty }
    mutating func take() -> (index: Int, outcome: ItemOutcome)? {
      guard inOrder else { return arrived.popFirst() }
      guard let outcome = early.removeValue(forKey: nextInOrder) else { return nil }
      defer { nextInOrder += 1 }
      return (nextInOrder, outcome)
    }

    var isEnough: Bool {
      hasNext && max(early.count, arrived.count) >= (hasFailure ? 1 : wanted) || total >= wantedTotal
    }
  }

  /// The address of one item's outcome.
  struct Slot: ItemSink {
    let mailbox: ResultsMailbox
    let index: Int

    func complete(_ outcome: ItemOutcome) { mailbox.put(index, outcome) }
  }

  private let state: Guarded<State>

  /// Whom a consumer that blocks helps meanwhile.
  private let helper: (any WaitHelper)?

  init(inOrder: Bool, helper: (any WaitHelper)? = nil) {
    self.helper = helper
    state = Guarded(State(inOrder: inOrder))
  }

  func put(_ index: Int, _ outcome: ItemOutcome) {
    let consumer = state.withLock { state -> Promise<Void>? in
      if state.inOrder {
        state.early[index] = outcome
      } else {
        state.arrived.append((index, outcome))
      }
      state.total += 1
      if outcome.isFailure { state.hasFailure = true }
      return state.isEnough ? state.consumer.take() : nil
    }
    _ = try? consumer?.succeed()
  }

  /// The outcome that is to be delivered next, if it is here.
  func take() -> (index: Int, outcome: ItemOutcome)? {
    state.withLock { $0.take() }
  }

  /// All that are to be delivered next and are here.
  func takeAll() -> [(index: Int, outcome: ItemOutcome)] {
    state.withLock { state in
      var all: [(index: Int, outcome: ItemOutcome)] = []
      while let next = state.take() { all.append(next) }
      return all
    }
  }

  /// How many outcomes have come in all.
  var total: Int { state.withLock { $0.total } }

  /// Done as soon as `take` has something and `count` outcomes, or a failure, are here; or, with `known`, as soon as more
  /// than that have come in all, whether they can be taken or not.
  func arrival(of count: Int, orMoreThan known: Int? = nil) -> Future<Void> {
    state.withLock { state in
      state.wanted = count
      state.wantedTotal = known.map { $0 + 1 } ?? .max
      if state.isEnough { return .succeeded(()) }
      let promise = helper.map { Promise<Void>(helper: $0) } ?? Promise<Void>()
      state.consumer = promise
      return promise.future
    }
  }
}

extension ItemOutcome {
  fileprivate var isFailure: Bool {
    switch self {
    case .failed: true
    case .answer(let answer): answer.kind != .result
    }
  }
}
