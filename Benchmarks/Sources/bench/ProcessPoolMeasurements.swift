import Glibc
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

  private struct Trap: WorkerTask {
    func run() -> Int { fatalError("as a bad input would") }
  }

  /// Changes one number of an array that both processes see.
  private struct ChangeShared: WorkerTask {
    var memory: FileDescriptor
    var count: Int
    var index: Int
    func run() throws -> Double {
      defer { try? memory.close() }
      return try withMapping(of: memory, count: count) { numbers in
        numbers[index] += 1
        return numbers[index]
      }
    }
  }

  private static let workers = 2

  static let all: [Measurement] = [
    Measurement(name: "procpool.start.ours", unit: "ms") {
      let before = processorSeconds()
      var pool: ProcessPool?
      let time = try seconds {
        pool = try ProcessPool(workers: workers)
        _ = try pool?.run(Echo(value: 1))
      }
      defer { pool?.shutdown() }
      return Measurement.Sample(
        value: time * 1e3, processorTime: (processorSeconds(with: pool) - before) * 1e6)
    },
    Measurement(name: "procpool.roundtrip.ours", unit: "us") {
      try sample(tasks: 20_000) { pool, count in
        for value in 0..<count { _ = try pool.run(Echo(value: value)) }
      } value: {
        $0 / 20_000 * 1e6
      }
    },
    Measurement(name: "procpool.roundtrip.asleep.ours", unit: "us") {
      try withPool { pool in
        let times = try (0..<300).map { value in
          // Until both sides have gone to sleep.
          usleep(1000)
          return try seconds { _ = try pool.run(Echo(value: value)) }
        }
        return times.reduce(0, +) / 300 * 1e6
      }
    },
    map("chunk1", tasks: 50_000, batch: .size(1)),
    map("auto", tasks: 200_000, batch: .automatic),
    map("recycle", tasks: 20_000, batch: .automatic) { $0.recycleAfterTasks = 50 },
    Measurement(name: "procpool.bytes64MB.ours", unit: "GB/s") {
      let array = [Double](repeating: 1, count: 8_000_000)
      return try sample(tasks: 2) { pool, _ in
        _ = try pool.map([EchoArray(values: array), EchoArray(values: array)])
      } value: {
        Double(2 * 2 * array.count * MemoryLayout<Double>.size) / $0 / 1e9
      }
    },
    Measurement(name: "procpool.shared64MB.ours", unit: "us") {
      let count = 8_000_000
      let name = "/swift-parallel-bench-\(getpid())"
      let memory = FileDescriptor(rawValue: shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0o600))
      shm_unlink(name)
      defer { try? memory.close() }
      try memory.resize(to: Int64(count * MemoryLayout<Double>.size))
      return try withMapping(of: memory, count: count) { numbers in
        let result = try sample(tasks: 200) { pool, tasks in
          for index in 0..<tasks {
            _ = try pool.run(ChangeShared(memory: memory, count: count, index: index * 40_000))
          }
        } value: {
          $0 / 200 * 1e6
        }
        precondition((0..<200).allSatisfy { numbers[$0 * 40_000] == 1 })
        return result
      }
    },
    Measurement(name: "procpool.crash_recovery.ours", unit: "ms") {
      try withPool(workers: 1, policy: policy { $0.hotSpares = 1 }) { pool in
        let before = processorSeconds(with: pool)
        let times = try (0..<10).map { _ in try recover(pool) }
        return Measurement.Sample(
          value: times.sorted()[times.count / 2] * 1e3,
          processorTime: (processorSeconds(with: pool) - before) / 10 * 1e6)
      }
    },
  ]

  /// From the submission of a task that traps to the result of the one behind it, in seconds.
  private static func recover(_ pool: ProcessPool) throws -> Double {
    // Until the spare is there.
    while pool.statistics.workers.count(where: { $0.state != .starting }) < 2 { sched_yield() }
    var trap = Future<Int>.failed(CancellationError())
    let time = try seconds {
      trap = pool.submit(Trap())
      _ = try pool.run(Echo(value: 1))
    }
    do {
      _ = try trap.get()
    } catch let failure as WorkerFailure {
      // The runtime goes on to make a backtrace, which takes a processor; the next crash is not to compete with it.
      let worker = failure.crashReport!.worker
      while kill(worker, 0) == 0 { usleep(1000) }
    }
    return time
  }

  private static func map(
    _ name: String, tasks: Int, batch: BatchSize,
    _ change: @escaping @Sendable (inout PoolPolicy) -> Void = { _ in }
  ) -> Measurement {
    Measurement(
      name: name == "recycle" ? "procpool.recycle.ours" : "procpool.map.\(name).ours", unit: "tasks/s"
    ) {
      try sample(tasks: tasks, policy: policy(change)) { pool, count in
        let outputs = try pool.map((0..<count).lazy.map(Echo.init), batch: batch)
        precondition(outputs.count == count)
      } value: {
        Double(tasks) / $0
      }
    }
  }

  private static func policy(_ change: (inout PoolPolicy) -> Void) -> PoolPolicy {
    var policy = PoolPolicy()
    change(&policy)
    return policy
  }

  /// A pool whose workers are there and warm.
  private static func withPool<T>(
    workers: Int = workers, policy: PoolPolicy = PoolPolicy(), _ body: (ProcessPool) throws -> T
  ) throws -> T {
    let pool = try ProcessPool(workers: workers, policy: policy)
    defer { pool.shutdown() }
    for value in 0..<50 { _ = try pool.run(Echo(value: value)) }
    return try body(pool)
  }

  /// Runs so many tasks in a warm pool; `value` makes what is reported of the seconds.
  private static func sample(
    tasks: Int, policy: PoolPolicy = PoolPolicy(), _ body: (ProcessPool, Int) throws -> Void,
    value: (Double) -> Double
  ) throws -> Measurement.Sample {
    try withPool(policy: policy) { pool in
      let before = processorSeconds(with: pool)
      let time = try seconds { try body(pool, tasks) }
      let used = processorSeconds(with: pool) - before
      return Measurement.Sample(value: value(time), processorTime: used / Double(tasks) * 1e6)
    }
  }

  /// What this process has used, and the pool's workers, those that have ended included.
  private static func processorSeconds(with pool: ProcessPool? = nil) -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    var usages: [ResourceUsage] = []
    if let statistics = pool?.statistics {
      usages = statistics.workers.compactMap(\.usage) + [statistics.usageOfEnded]
    }
    let ofWorkers = usages.reduce(Duration.zero) { $0 + $1.cpuTime }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9 + ofWorkers / .seconds(1)
  }

  private static func withMapping<T>(
    of memory: FileDescriptor, count: Int, _ body: (UnsafeMutablePointer<Double>) throws -> T
  ) throws -> T {
    let size = count * MemoryLayout<Double>.stride
    let address = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, memory.rawValue, 0)
    guard let address, address != MAP_FAILED else { throw Errno(rawValue: errno) }
    defer { munmap(address, size) }
    return try body(address.bindMemory(to: Double.self, capacity: count))
  }
}
