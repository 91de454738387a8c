import Parallel
import Testing

/// Values far larger than a pipe's buffer, both ways.
@Suite(.timeLimit(.minutes(10))) struct LargeValueTests {
  private struct Echo<Value: Codable & Sendable>: WorkerTask {
    var value: Value
    func run() -> Value { value }
  }
  private struct Make: WorkerTask {
    var count: Int
    func run() -> [UInt8] { [UInt8](repeating: 7, count: count) }
  }
  private struct Consume: WorkerTask {
    var bytes: [UInt8]
    func run() -> Int { bytes.count }
  }

  @Test(arguments: backends)
  func `20 MB of bytes come back`(backend: ProcessPool.Backend) async throws {
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      let bytes = [UInt8](unsafeUninitializedCapacity: 20_000_000) { buffer, count in
        for index in 0..<20_000_000 { buffer[index] = UInt8(truncatingIfNeeded: index &* 31) }
        count = 20_000_000
      }
      let back = try await pool.run(Echo(value: bytes))
      #expect(back == bytes)
    }
  }

  @Test(arguments: backends)
  func `a large array of doubles comes back`(backend: ProcessPool.Backend) async throws {
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      let doubles = [Double](repeating: .pi, count: 1_000_000)
      let back = try await pool.run(Echo(value: doubles))
      #expect(back == doubles)
    }
  }

  @Test(arguments: [0, 1, 100, 4_095, 65_535, 65_536, 65_537, 262_143, 1_048_577])
  func `every size comes back`(size: Int) async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      #expect(try await pool.run(Consume(bytes: [UInt8](repeating: 1, count: size))) == size)
      #expect(try await pool.run(Make(count: size)).count == size)
    }
  }

  @Test func `large tasks and results at once do not block each other`() async throws {
    try await withProcessPool(workers: 2) { pool async throws in
      let value = [UInt8](repeating: 3, count: 1_000_000)
      let futures = (0..<40).map { _ in pool.submit(Echo(value: value)) }
      for future in futures { #expect(try await future.value.count == value.count) }
    }
  }

  @Test func `a limit of files' sizes does not concern messages`() async throws {
    // Below a mebibyte the thread sanitizer would not start.
    let options = WorkerOptions(resourceLimits: [.fileSize: .at(1 << 20)])
    try await withProcessPool(workers: 1, options: options) { pool async throws in
      #expect(try await pool.run(Make(count: 10_000_000)).count == 10_000_000)
    }
  }

  @Test func `statistics count large values, too`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      _ = try await pool.run(Echo(value: [UInt8](repeating: 1, count: 1_000_000)))
      let worker = try #require(pool.statistics.workers.first)
      #expect(worker.bytesSent > 1_000_000 && worker.bytesReceived > 1_000_000)
    }
  }

  @Test func `strings, dictionaries, optionals and nothing come back`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      #expect(try await pool.run(Echo(value: "äöü 🙂")) == "äöü 🙂")
      #expect(try await pool.run(Echo(value: ["a": [1.5, .infinity]])) == ["a": [1.5, .infinity]])
      #expect(try await pool.run(Echo<Int?>(value: nil)) == nil)
      #expect(try await pool.run(Echo<[Int]?>(value: [])) == [])
    }
  }
}
