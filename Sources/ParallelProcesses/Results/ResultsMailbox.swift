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

    var hasNext: Bool { inOrder ? early[nextInOrder] != nil : !arrived.isEmpty }
  }

  /// The address of one item's outcome.
  struct Slot: ItemSink {
    let mailbox: ResultsMailbox
    let index: Int

    func complete(_ outcome: ItemOutcome) { mailbox.put(index, outcome) }
  }

  private let state: Guarded<State>

  init(inOrder: Bool) { state = Guarded(State(inOrder: inOrder)) }

  func put(_ index: Int, _ outcome: ItemOutcome) {
    let consumer = state.withLock { state -> Promise<Void>? in
      if state.inOrder {
        state.early[index] = outcome
      } else {
        state.arrived.append((index, outcome))
      }
      return state.hasNext ? state.consumer.take() : nil
    }
    _ = try? consumer?.succeed()
  }

  /// The outcome that is to be delivered next, if it is here.
  func take() -> (index: Int, outcome: ItemOutcome)? {
    state.withLock { state in
      guard state.inOrder else { return state.arrived.popFirst() }
      guard let outcome = state.early.removeValue(forKey: state.nextInOrder) else { return nil }
      defer { state.nextInOrder += 1 }
      return (state.nextInOrder, outcome)
    }
  }

  /// Done as soon as `take` has something.
  func arrival() -> Future<Void> {
    state.withLock { state in
      if state.hasNext { return .succeeded(()) }
      let promise = Promise<Void>()
      state.consumer = promise
      return promise.future
    }
  }
}
