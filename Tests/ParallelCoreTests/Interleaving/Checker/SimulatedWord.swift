import ParallelCore

/// A word of the simulated memory, as the locking code of one simulated thread sees it.
struct SimulatedWord<Shared>: FutexWord {
  typealias Failure = Suspended

  let number: Int
  let thread: SimulatedThread<Shared>

  var spinRounds: Int { thread.spinRounds }

  func loadRelaxed() throws(Suspended) -> UInt32 { UInt32(try thread.perform(.load(number))) }

  func compareExchangeAcquiring(_ expected: UInt32, _ desired: UInt32) throws(Suspended) -> Bool {
    try thread.perform(.compareExchange(number, expected: expected, desired: desired)) == 1
  }

  func exchangeAcquiring(_ desired: UInt32) throws(Suspended) -> UInt32 {
    UInt32(try thread.perform(.exchange(number, desired)))
  }

  func exchangeReleasing(_ desired: UInt32) throws(Suspended) -> UInt32 {
    UInt32(try thread.perform(.exchange(number, desired)))
  }

  func sleep(while expected: UInt32, until deadline: Deadline) throws(Suspended) -> Futex.Wakeup {
    let result = try thread.perform(.sleep(number, expected: expected, deadline))
    return result == SleepResult.timedOut ? .timedOut : .lookAgain
  }

  func wakeOne() throws(Suspended) { _ = try thread.perform(.wakeOne(number)) }

  /// Time passes anyway: between any two steps everybody else may do any number of theirs.
  func pause(_ count: Int) {}
}

extension Deadline {
  /// In simulations: comes at any moment, sooner or later.
  static let sometime = Deadline(nanoseconds: .max - 1)
  /// Has come before the wait begins.
  static let past = Deadline(nanoseconds: 0)

  /// For the names of simulations.
  var kind: String { self == .never ? "waits" : self == .past ? "tries" : "is timed" }
}
