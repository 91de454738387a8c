import Parallel

/// Locks beside Rust's, parking_lot's, Go's, Java's, the C library's and Swift's own: add one to a number under the lock.
enum LockMeasurements {
  /// Counted without protection of its own.
  private final class Counter: @unchecked Sendable {
    // Sendable: touched only with the lock held.
    var value = 0
  }

  static let all: [Measurement] =
    [
      // As the peers do it, in a process that has one thread as long as this is measured first.
      Measurement(name: "lock.uncontended.ours", unit: "ns") {
        let lock = Lock()
        let counter = Counter()
        let count = 20_000_000
        let time = seconds { for _ in 0..<count { lock.withLock { counter.value &+= 1 } } }
        precondition(counter.value == count)
        return time / Double(count) * 1e9
      },
      // The same in a process that has more threads, which forbids the C library and us a shortcut.
      Measurement(name: "lock.uncontended.threads.ours", unit: "ns") {
        let lock = Lock()
        let counter = Counter()
        let count = 20_000_000
        let time = try WorkerThread.start {
          seconds { for _ in 0..<count { lock.withLock { counter.value &+= 1 } } }
        }.join()
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
