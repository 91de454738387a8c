import ArgumentParser
import Parallel

/// A clock for any number of threads: each of them waits for the next tick.
///
/// An `Event` would not do: there is no right moment to clear it. A condition wakes exactly those who wait.
final class Ticker: Sendable {
  private let condition = Condition()
  private let ticks = ThreadSafeCount()
  private let call: ScheduledCall

  init(every interval: Duration) {
    let (condition, ticks) = (condition, ticks)
    call = ScheduledCall(every: interval) {
      condition.withLock {
        ticks.increase()
        condition.notifyAll()
      }
    }
  }

  deinit { call.cancel() }

  /// Waits for the next tick.
  func waitForTick() throws {
    try condition.withLock {
      let last = ticks.value
      try condition.wait { ticks.value != last }
    }
  }
}

struct PeriodicTimer: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Two threads that keep time by one clock.")

  @Option(help: "Milliseconds from tick to tick.")
  var interval = 5

  func validate() throws {
    if interval < 1 { throw ValidationError("ticks come at least a millisecond apart, not \(interval)") }
  }

  func run() throws {
    let ticker = Ticker(every: .milliseconds(interval))
    let down = try WorkerThread.start(name: "down") {
      for number in (1...5).reversed() {
        try ticker.waitForTick()
        print("T minus \(number)")
      }
    }
    let up = try WorkerThread.start(name: "up") {
      for number in 1...5 {
        try ticker.waitForTick()
        print("counting \(number)")
      }
    }
    try down.join()
    try up.join()
    print("lift-off")
  }
}
