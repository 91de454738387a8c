import Parallel

/// How fast a worker is there.
enum SpawnMeasurements {
  private struct Nothing: WorkerTask {
    func run() -> Bool { true }
  }

  static let all: [Measurement] = [
    // From the call until the worker has answered its first task, so a little more than "spawn to ready".
    Measurement(name: "spawn.worker.ours", unit: "ms") {
      let rounds = 20
      var total = 0.0
      for _ in 0..<rounds {
        var pool: ProcessPool?
        total += try seconds {
          pool = try ProcessPool(workers: 1)
          _ = try pool?.run(Nothing())
        }
        pool?.shutdown()
      }
      return total / Double(rounds) * 1e3
    }
  ]
}
