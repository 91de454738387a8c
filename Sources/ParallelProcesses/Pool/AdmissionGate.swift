import DequeModule
import ParallelCore
import ParallelFutures

/// Counts the unfinished tasks of a pool and holds back who would exceed the limit, first come first served.
final class AdmissionGate: Sendable {
  private struct State {
    var free: Int
    var waiting: Deque<Promise<Void>> = []
  }

  private let state: Guarded<State>

  init(limit: Int) { state = Guarded(State(free: limit)) }

  /// Takes a place if there is one and nobody waits for it.
  func tryEnter() -> Bool {
    state.withLock { state in
      guard state.free > 0 else { return false }
      state.free -= 1
      return true
    }
  }

  /// A place, now or later; who stops waiting calls `giveUp`.
  func ticket() -> Future<Void> {
    let promise = Promise<Void>()
    let isFree = state.withLock { state in
      guard state.free > 0 else {
        state.waiting.append(promise)
        return false
      }
      state.free -= 1
      return true
    }
    if isFree { _ = try? promise.succeed() }
    return promise.future
  }

  /// Gives a place back.
  func leave() {
    // A promise whose future was cancelled in the meantime says so, and the place goes to the next.
    while let next = nextInLine() {
      if (try? next.succeed()) == true { return }
    }
  }

  /// Takes a ticket back, also one that was granted at the last moment.
  func giveUp(_ ticket: Future<Void>) {
    guard ticket.cancel() else { return leave() }
    state.withLock { state in
      state.waiting.removeAll { $0.future === ticket }
    }
  }

  private func nextInLine() -> Promise<Void>? {
    state.withLock { state in
      if let promise = state.waiting.popFirst() { return promise }
      state.free += 1
      return nil
    }
  }
}
