import Parallel

/// The process pool beside `multiprocessing.Pool`, `ProcessPoolExecutor`, loky and pebble: the same work, two workers.
enum ProcessPoolMeasurements {
  private struct Echo: WorkerTask {
    var value: Int
    func run() -> Int { value }
  }

  private struct EchoArray: WorkerTask {
    var values: [Double]
    func run() -> [Double] { values }
  }

  private static let workers = 2

  static let all: [Measurement] = [
    Measurement(name: "procpool.start.ours", unit: "ms") {
      var pool: ProcessPool?
      let time = try seconds {
        pool = try ProcessPool(workers: workers)
        _ = try pool?.run(Echo(value: 1))
      }
      pool?.shutdown()
      return time * 1e3
    },
    Measurement(name: "procpool.roundtrip.ours", unit: "us") {
      try withPool { pool in
        let count = 20_000
        let time = try seconds { for value in 0..<count { _ = try pool.run(Echo(value: value)) } }
        return time / Double(count) * 1e6
      }
    },
    Measurement(name: "procpool.map.chunk1.ours", unit: "tasks/s") {
      try withPool { pool in
        let count = 20_000
        var outputs: [Int] = []
        let time = try seconds { outputs = try pool.map((0..<count).lazy.map(Echo.init)) }
        precondition(outputs.count == count)
        return Double(count) / time
      }
    },
    Measurement(name: "procpool.bytes64MB.ours", unit: "GB/s") {
      try withPool { pool in
        let array = [Double](repeating: 1, count: 8_000_000)
        let bytes = Double(array.count * MemoryLayout<Double>.size)
        let time = try seconds { _ = try pool.map([EchoArray(values: array), EchoArray(values: array)]) }
        return 2 * 2 * bytes / time / 1e9
      }
    },
  ]

  /// A pool whose workers are there and warm.
  private static func withPool(_ body: (ProcessPool) throws -> Double) throws -> Double {
    let pool = try ProcessPool(workers: workers)
    defer { pool.shutdown() }
    for value in 0..<50 { _ = try pool.run(Echo(value: value)) }
    return try body(pool)
  }
}
