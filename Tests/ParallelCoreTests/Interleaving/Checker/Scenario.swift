/// What is run under every interleaving: the words and the state that are shared, and the threads.
///
/// ```swift
/// var scenario = Scenario(words: ["the lock"], shared: 0)
/// for name in ["A", "B"] {
///   scenario.thread(name) { me throws(Suspended) in
///     _ = try me.word(0).mutexLock()
///     let inside = try me.step("goes in") { $0 += 1; return $0 }
///     me.require(inside == 1, "two are inside")
///     …
///   }
/// }
/// print(try scenario.check())
/// ```
struct Scenario<Shared: Hashable> {
  typealias Body = (SimulatedThread<Shared>) throws(Suspended) -> Void

  struct Thread {
    var name: String
    var rounds: Int
    var body: Body
  }

  /// The names of the words, all of which begin as zero.
  var words: [String]
  var shared: Shared
  /// How many sleeps, of all threads together, may end without a cause: by a signal, or by a wake-up meant for others.
  var spuriousWakeUps = 0
  var spinRounds = 0
  private(set) var threads: [Thread] = []

  /// A longer schedule is a violation: something does not end.
  var longestSchedule = 1_000

  /// Whether it is all right that some sleep for ever, as far as `atRest` agrees.
  var restIsFine = false
  /// Looks for a violation when nothing will happen any more but deadlines.
  var atRest: (Snapshot<Shared>) -> String? = { _ in nil }
  /// Looks for a violation when all threads have ended.
  var atEnd: (Snapshot<Shared>) -> String? = { _ in nil }

  init(words: [String], shared: Shared) {
    self.words = words
    self.shared = shared
  }

  /// Adds a thread that runs `body` so many times. What happened in one round is forgotten in the next.
  mutating func thread(_ name: String, rounds: Int = 1, _ body: @escaping Body) {
    threads.append(Thread(name: name, rounds: rounds, body: body))
  }

  /// Runs all schedules; throws the first that goes wrong.
  func check() throws(Violation) -> CheckReport {
    var checker = Checker(self)
    return try checker.run()
  }
}
