import ParallelCore
import TestSupport

/// Eight threads that signals interrupt, and as many tasks, all at the same work.
struct StressCrew {
  typealias ThreadTurn = @Sendable (inout SeededRandom) throws -> Void
  typealias TaskTurn = @Sendable (inout SeededRandom) async throws -> Void

  private let seed: UInt64
  private let turns: Int

  /// - Parameter release: How many turns all of them take together in release builds.
  init(for purpose: String, release: Int) {
    seed = SeededRandom(for: purpose).seed
    turns = rounds(release: release) / 16
  }

  /// Runs a crew of threads only, in which each takes twice as many turns.
  func run(thread: @escaping ThreadTurn) async throws { try await run(turns: turns * 2, thread, nil) }

  func run(thread: @escaping ThreadTurn, task: @escaping TaskTurn) async throws {
    try await run(turns: turns, thread, task)
  }

  private func run(turns: Int, _ thread: @escaping ThreadTurn, _ task: TaskTurn?) async throws {
    let interrupter = Interrupter()
    let signals = try NativeThread.start(name: "signals") { interrupter.run() }
    try await withThrowingTaskGroup { group in
      for number in 0..<8 {
        var random = SeededRandom(seed: seed &+ UInt64(number))
        group.addTask { [random] in
          try await onThread {
            var random = random
            try interrupter.interrupting { for _ in 0..<turns { try thread(&random) } }
          }
        }
        guard let task else { continue }
        random = SeededRandom(seed: seed &+ UInt64(8 + number))
        group.addTask { [random] in
          var random = random
          for _ in 0..<turns { try await task(&random) }
        }
      }
      try await group.waitForAll()
    }
    interrupter.stop()
    signals.join()
  }
}

extension SeededRandom {
  /// True once in `count` times, on average.
  mutating func oneIn(_ count: UInt64) -> Bool { next() % count == 0 }

  /// A short time, sometimes none.
  mutating func shortTime() -> Duration { .microseconds(Int64(next() % 200)) }
}
