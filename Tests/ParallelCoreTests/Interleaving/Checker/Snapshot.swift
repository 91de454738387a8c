/// Everything there is at one moment of a simulation: what happens next depends on nothing else.
struct Snapshot<Shared: Hashable>: Hashable {
  var words: [UInt32]
  var shared: Shared
  var threads: [ThreadState]
  /// How many wake-ups without a cause may come still.
  var spuriousLeft: Int

  struct ThreadState: Hashable {
    var round = 0
    var log = LogTable.empty
    var status = Status.ready
  }

  enum Status: Hashable {
    case ready
    case asleep(word: Int, hasDeadline: Bool)
    case ended
  }

  var allHaveEnded: Bool { threads.allSatisfy { $0.status == .ended } }

  /// Who sleeps on a word.
  func sleepers(on word: Int) -> [Int] {
    threads.indices.filter {
      if case .asleep(word, _) = threads[$0].status { true } else { false }
    }
  }
}

/// From one snapshot to a next one.
struct Move<Shared: Hashable> {
  enum Event {
    case performed(Operation<Shared>, result: Int)
    case fellAsleep(word: Int, value: UInt32)
    case woke(Int, word: Int)
    case timedOut
    case wokeWithoutCause
  }

  var thread: Int
  var event: Event
  var next: Snapshot<Shared>

  /// Whether somebody does something, rather than something happens to a sleeper.
  var isProgress: Bool {
    switch event {
    case .performed, .fellAsleep, .woke: true
    case .timedOut, .wokeWithoutCause: false
    }
  }

  /// Whether nobody may rely on it.
  var isSpurious: Bool { if case .wokeWithoutCause = event { true } else { false } }
}

extension Move {
  func described(in scenario: Scenario<Shared>) -> String {
    let name = scenario.threads[thread].name
    return switch event {
    case .performed(let operation, let result):
      "\(name) \(operation.described(result: result, words: scenario.words))"
    case .fellAsleep(let word, let value): "\(name) sleeps on \(scenario.words[word]), which is \(value)"
    case .woke(let sleeper, let word):
      "\(name) wakes \(scenario.threads[sleeper].name) on \(scenario.words[word])"
    case .timedOut: "\(name) wakes: its deadline has come"
    case .wokeWithoutCause: "\(name) wakes without a cause"
    }
  }
}
