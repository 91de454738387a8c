import ArgumentParser
import Parallel

/// Philosophers around a table, with one fork between each two of them; to eat, one needs both of his.
///
/// Each takes his left fork first and then his right one: if all do so at once, all wait for ever. `withLocks` takes
/// locks in one order for everybody, whatever the order in which they are named.
struct OrderedLocks: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Philosophers dine without a deadlock.",
    discussion:
      "With --careless each takes the forks in his own order, one philosopher after the other; run it with "
      + "PARALLEL_LOCK_ORDER=1 in a debug build to see what is reported before anything can go wrong.")

  @Option(help: "How many philosophers dine.")
  var philosophers = 5
  @Option(help: "How often each of them eats.")
  var meals = 1000
  @Flag(help: "Take the left fork first, then the right one.")
  var careless = false

  func validate() throws {
    guard (2...100).contains(philosophers), (0...1_000_000).contains(meals) else {
      throw ValidationError("2 to 100 philosophers eat 0 to 1,000,000 times each")
    }
  }

  func run() throws {
    let forks = (0..<philosophers).map { _ in Lock() }
    let eaten = ThreadSafeCount()
    for thread in try (0..<philosophers).map({ try seat($0, forks, eaten) }) { try thread.join() }
    print("\(eaten.value) meals were eaten")
  }

  private func seat(_ seat: Int, _ forks: [Lock], _ eaten: ThreadSafeCount) throws -> WorkerThread<Void> {
    let (left, right) = (forks[seat], forks[(seat + 1) % forks.count])
    let thread = try WorkerThread.start(name: "philosopher-\(seat)") { [meals, careless] in
      for _ in 0..<meals {
        if careless {
          left.withLock { right.withLock { _ = eaten.increase() } }
        } else {
          withLocks(left, right) { _ = eaten.increase() }
        }
      }
    }
    // Carelessness is shown in turns: at the same time it might end in a deadlock.
    if careless { try thread.join() }
    return thread
  }
}
