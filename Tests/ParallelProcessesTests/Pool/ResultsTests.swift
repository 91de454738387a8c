import Parallel
import TestSupport
import Testing

/// Many tasks at once: `map` and `results(of:)`.
@Suite(.timeLimit(.minutes(10))) struct ResultsTests {
  private struct Square: WorkerTask {
    struct Odd: Error, Codable, Equatable { var number: Int }
    var number: Int
    var failsAt: Set<Int> = []
    func run() throws -> Int {
      if failsAt.contains(number) { throw Odd(number: number) }
      return number * number
    }
  }
  private struct Notes: WorkerTask {
    var number: Int
    var log: SharedLog
    var gate: Gate?
    func run() throws -> Int {
      gate?.pass()
      try log.append(number)
      return number
    }
  }
  /// An endless sequence that counts what was taken from it. Used by one task at a time.
  private final class Numbers: Sequence, IteratorProtocol {
    var taken = 0
    func next() -> Square? {
      defer { taken += 1 }
      return Square(number: taken)
    }
  }

  @Test(arguments: [0, 1, 6, 40, 500], backends)
  func `a map equals the serial one`(count: Int, backend: ProcessPool.Backend) async throws {
    try await withProcessPool(workers: 2, backend: backend) { pool async throws in
      let tasks = (0..<count).map { Square(number: $0) }
      let expected = (0..<count).map { $0 * $0 }
      #expect(try await pool.map(tasks) == expected)
      #expect(try await onThread { try pool.map(tasks) } == expected)
      #expect(try await onThread { try pool.map(tasks, timeout: .seconds(300)) } == expected)
      #expect(try await pool.map((0..<count).lazy.map { Square(number: $0) }) == expected)
    }
  }

  @Test(arguments: [1, 2, 7, 1000], backends)
  func `both orders deliver everything once`(window: Int, backend: ProcessPool.Backend) async throws {
    try await withProcessPool(workers: 2, backend: backend) { pool async throws in
      let tasks = (0..<300).map { Square(number: $0) }
      var inOrder: [Int] = []
      for try await item in pool.results(of: tasks, order: .input, window: window) {
        #expect(try item.result.get() == item.index * item.index && item.input.number == item.index)
        inOrder.append(item.index)
      }
      #expect(inOrder == Array(0..<300))
      var asDone: [Int] = []
      for try await item in pool.results(of: tasks, order: .completion, window: window) {
        #expect(try item.result.get() == item.index * item.index && item.input.number == item.index)
        asDone.append(item.index)
      }
      #expect(asDone.sorted() == Array(0..<300))
    }
  }

  @Test func `a slow task holds back those behind it only in the order of input`() async throws {
    try await withProcessPool(workers: 2) { pool async throws in
      let begun = try Gate(), goOn = try Gate()
      let first = Hold(begun: begun, goOn: goOn, answer: -1)
      let opened = try Gate()
      opened.open()
      let tasks = [first] + (0..<10).map { Hold(begun: begun, goOn: opened, answer: $0) }
      var iterator = pool.results(of: tasks, order: .completion).makeAsyncIterator()
      var seen: Set<Int> = []
      for _ in 0..<10 { seen.insert(try #require(try await iterator.next()).index) }
      #expect(seen == Set(1...10))
      goOn.open()
      #expect(try await iterator.next()?.index == 0)
      #expect(try await iterator.next() == nil)
      #expect(try await iterator.next() == nil)
    }
  }

  @Test(arguments: [PoolResults<[Square]>.Order.input, .completion])
  private func `failures are items at their places`(order: PoolResults<[Square]>.Order) async throws {
    try await withProcessPool(workers: 2) { pool async throws in
      let tasks = (0..<10).map { Square(number: $0, failsAt: [0, 3, 9]) }
      var failed: Set<Int> = []
      for try await item in pool.results(of: tasks, order: order) {
        switch item.result {
        case .success(let value): #expect(value == item.index * item.index)
        case .failure(let error):
          #expect(error as? Square.Odd == Square.Odd(number: item.index))
          failed.insert(item.index)
        }
      }
      #expect(failed == [0, 3, 9])
      await #expect(throws: Square.Odd(number: 3)) {
        try await pool.map((0..<10).map { Square(number: $0, failsAt: [3, 9]) })
      }
      #expect(try await pool.map([Square(number: 2)]) == [4])
    }
  }

  @Test func `crashes are items at their places`() async throws {
    try await withProcessPool(workers: 2, environment: .withoutBacktraces) { pool async throws in
      let tasks = (0..<30).map { MaybeCrash(number: $0, crashes: $0 % 10 == 3) }
      var crashed: [Int] = []
      for try await item in pool.results(of: tasks, order: .input) {
        switch item.result {
        case .success(let number): #expect(number == item.index)
        case .failure(let error):
          #expect((error as? WorkerFailure)?.crashReport != nil, "\(error)")
          crashed.append(item.index)
        }
      }
      #expect(crashed == [3, 13, 23])
    }
  }

  @Test(arguments: [1, 8, 128])
  func `an endless sequence is taken lazily`(window: Int) async throws {
    try await withProcessPool(workers: 2) { pool async throws in
      let numbers = Numbers()
      var iterator = pool.results(of: numbers, order: .input, window: window).makeAsyncIterator()
      #expect(numbers.taken == 0)
      for index in 0..<300 {
        let item = try #require(try await iterator.next())
        #expect(try item.result.get() == index * index)
        #expect(numbers.taken <= index + 1 + window)
      }
    }
  }

  @Test(arguments: [BatchSize.automatic, .size(1)])
  func `left to itself the window stays within its limits`(batch: BatchSize) async throws {
    try await withProcessPool(workers: 2) { pool async throws in
      let numbers = Numbers()
      var iterator = pool.results(of: numbers, order: .input, batch: batch).makeAsyncIterator()
      for index in 0..<20_000 {
        let item = try #require(try await iterator.next())
        #expect(try item.result.get() == index * index)
        #expect(numbers.taken <= index + 1 + 2 * 2048)
      }
    }
  }

  @Test func `abandoning an iteration cancels the rest`() async throws {
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    try await withProcessPool(workers: 1) { pool async throws in
      let gate = try Gate()
      do {
        let tasks = (0..<50).map { Notes(number: $0, log: log, gate: $0 == 0 ? nil : gate) }
        for try await item in pool.results(of: tasks, order: .input, window: 50) {
          #expect(item.index == 0)
          break
        }
      }
      gate.open()
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
    // The first, and what the worker had begun by then.
    #expect(log.numbers.count <= 2, "\(log.numbers)")
  }

  @Test func `cancelling the consumer ends the iteration`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let begun = try Gate(), goOn = try Gate()
      let tasks = (0..<5).map { _ in Hold(begun: begun, goOn: goOn) }
      let consumer = Task { try await pool.map(tasks) }
      try await begun.opened()
      consumer.cancel()
      await #expect(throws: CancellationError.self) { try await consumer.value }
      goOn.open()
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }

  @Test func `a thread's wait for the next result times out and goes on`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let begun = try Gate(), goOn = try Gate()
      let task = Hold(begun: begun, goOn: goOn, answer: 5)
      try await onThread { () throws in
        var iterator = pool.results(of: [task]).makeAsyncIterator()
        for timeout in [Duration.milliseconds(2), .zero] {
          let error = #expect(throws: ParallelError.self) { try iterator.next(timeout: timeout) }
          #expect(error?.code == .timedOut)
        }
        goOn.open()
        let item = try iterator.next()
        #expect(try item?.result.get() == 5)
        let end = try iterator.next(timeout: .zero)
        #expect(end == nil)
      }
    }
  }

  @Test(arguments: [1, 3])
  func `a limited pool is filled no further than its limit`(maxPending: Int) async throws {
    try await withProcessPool(workers: 2, maxPending: maxPending) { pool async throws in
      let first = Task { try await pool.map((0..<200).map { Square(number: $0) }) }
      let second = Task { try await pool.map((0..<200).map { Square(number: $0) }) }
      #expect(try await first.value == (0..<200).map { $0 * $0 })
      #expect(try await second.value == (0..<200).map { $0 * $0 })
    }
  }

  /// First the window grows beyond the pool's limit, then it shrinks while a task waits for a place.
  @Test(arguments: [70, 130, 200])
  func `no task is lost between a window that shrinks and a limit`(maxPending: Int) async throws {
    try await withProcessPool(workers: 1, maxPending: maxPending) { pool async throws in
      var iterator = pool.results(of: (0..<900).map { Square(number: $0) }, order: .input).makeAsyncIterator()
      for index in 0..<900 {
        if (300..<330).contains(index) { try await Task.sleep(for: .milliseconds(4)) }
        let item = try #require(try await iterator.next())
        #expect(item.index == index)
        #expect(try item.result.get() == index * index)
      }
      #expect(try await iterator.next() == nil)
    }
  }
}

/// Crashes where it is told to.
struct MaybeCrash: WorkerTask {
  var number: Int
  var crashes: Bool
  func run() -> Int {
    if crashes { fatalError("number \(number)") }
    return number
  }
}
