/// Thrown by a simulated thread's next operation, which has not been performed yet: nothing of the thread runs on.
struct Suspended: Error {}

/// What a thread's function does its operations on.
///
/// The function is run from its beginning for each step: operations that were performed before return what the log has
/// kept, the first new one is noted and ends the run. So the function must depend on nothing but its results.
final class SimulatedThread<Shared> {
  /// How often this thread has run its function to the end before.
  let round: Int
  /// What the locking code is told about spinning.
  let spinRounds: Int
  /// What the thread has been told; calls that have ended leave but their result.
  private(set) var log: [LogTable.Entry]
  private var position = 0

  /// How many operations the function has done so far in this round, outside of calls.
  var operationCount: Int { position }
  /// What the function wants to do next; nil when it has ended.
  private(set) var pending: Operation<Shared>?
  /// The first requirement that was not met.
  private(set) var failure: String?

  init(round: Int, spinRounds: Int, log: [LogTable.Entry]) {
    self.round = round
    self.spinRounds = spinRounds
    self.log = log
  }

  func perform(_ operation: Operation<Shared>) throws(Suspended) -> Int {
    precondition(pending == nil, "a suspended thread must not catch its suspension")
    guard position < log.count else {
      pending = operation
      throw Suspended()
    }
    guard case .result(let result) = log[position] else { preconditionFailure("here was a call before") }
    position += 1
    return result
  }

  /// Does several operations of which only the result matters afterwards: how it came about is forgotten.
  ///
  /// That makes one state of many. `body` must leave nothing behind but what it returns.
  func call(_ body: () throws(Suspended) -> Bool) throws(Suspended) -> Bool {
    let start = position
    if start < log.count, case .call(let result) = log[start] {
      position += 1
      return result
    }
    let result = try body()
    log.replaceSubrange(start..<position, with: [.call(result)])
    position = start + 1
    return result
  }

  /// Does something to the shared state in one step; what it returns is all that the thread may know of it.
  @discardableResult
  func step(_ name: String, _ body: @escaping (inout Shared) -> Int) throws(Suspended) -> Int {
    try perform(.step(name, body))
  }

  /// A violation, unless the condition holds.
  func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition, failure == nil { failure = message() }
  }

  /// This thread's hand on one of the simulated words.
  func word(_ number: Int) -> SimulatedWord<Shared> { SimulatedWord(number: number, thread: self) }
}
