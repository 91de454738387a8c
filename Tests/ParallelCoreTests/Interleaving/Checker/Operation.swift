import ParallelCore

/// One step of a simulated thread: what happens to the shared state at once.
enum Operation<Shared> {
  case load(Int)
  case compareExchange(Int, expected: UInt32, desired: UInt32)
  case exchange(Int, UInt32)
  case sleep(Int, expected: UInt32, Deadline)
  case wakeOne(Int)
  /// Whatever a test does in one step to the state that its threads share.
  case step(String, (inout Shared) -> Int)
}

extension Operation {
  /// In words, for a schedule.
  func described(result: Int, words: [String]) -> String {
    switch self {
    case .load(let word): "reads \(words[word]): \(result)"
    case .compareExchange(let word, let expected, let desired):
      result == 1
        ? "changes \(words[word]) from \(expected) to \(desired)"
        : "fails to change \(words[word]) from \(expected) to \(desired)"
    case .exchange(let word, let desired): "stores \(desired) in \(words[word]), which was \(result)"
    case .sleep(let word, let expected, _):
      result == SleepResult.timedOut
        ? "gives up sleeping on \(words[word]): the deadline has passed"
        : "does not sleep on \(words[word]): it is not \(expected)"
    case .wakeOne(let word): "wakes nobody on \(words[word])"
    case .step(let name, _): "\(name): \(result)"
    }
  }
}

/// How a sleep's end is written in a thread's log.
enum SleepResult {
  static let lookAgain = 0
  static let timedOut = 1
}
