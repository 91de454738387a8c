import Parallel

/// Locks beside Rust's, parking_lot's, Go's, Java's, the C library's and Swift's own.
enum LockMeasurements {
  /// Counted without protection of its own.
  private final class Counter: @unchecked Sendable {
    // Sendable: touched only with the lock held.
    var value = 0
  }

  static let all: [Measurement] =
    [
      Measurement(name: "lock.uncontended.ours", unit: "ns") {
        let lock = Lock()
        let counter = Counter()
        let count = 20_000_000
        let time = seconds { for _ in 0..<count { lock.withLock { counter.value &+= 1 } } }
        precondition(counter.value == count)
        return time / Double(count) * 1e9
      },
    ] + [2, 4, 8].map(contended)

  private static func contended(threads: Int) -> Measurement {
    Measurement(name: "lock.contended\(threads).ours", unit: "ns") {
      let lock = Lock()
      let counter = Counter()
      let count = 6_000_000 / threads
      let time = try seconds {
        let workers = try (0..<threads).map { _ in
          try WorkerThread.start { for _ in 0..<count { lock.withLock { counter.value &+= 1 } } }
        }
        for worker in workers { try worker.join() }
      }
      precondition(counter.value == count * threads)
      return time / Double(count * threads) * 1e9
    }
  }
}
