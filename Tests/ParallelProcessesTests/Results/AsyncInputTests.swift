import Parallel
import Synchronization
import TestSupport
import Testing

/// Tasks that come from asynchronous sequences.
@Suite(.timeLimit(.minutes(10))) struct AsyncInputTests {
  private struct BadInput: Error, Equatable { var at: Int }

  /// Counts up, to an error, an end or for ever; shared with the test, which sees how far it was pulled.
  private final class Counter: AsyncSequence, Sendable {
    typealias Element = Add
    let end: Int?
    let error: BadInput?
    let pulled = Atomic(0)
    let isOver = Atomic(false)

    init(end: Int? = nil, throwing error: BadInput? = nil) {
      self.end = end
      self.error = error
    }

    final class Iterator: AsyncIteratorProtocol {
      let counter: Counter
      init(counter: Counter) { self.counter = counter }
      deinit { counter.isOver.store(true, ordering: .releasing) }

      func next() async throws -> Add? {
        let number = counter.pulled.add(1, ordering: .relaxed).oldValue
        if let error = counter.error, error.at == number { throw error }
        return number == counter.end ? nil : Add(a: number, b: number)
      }
    }

    func makeAsyncIterator() -> Iterator { Iterator(counter: self) }
  }

  @Test(arguments: [0, 1, 6, 40, 500], backends)
  func `results are those of a serial run`(count: Int, backend: ProcessPool.Backend) async throws {
    try await withProcessPool(workers: 2, backend: backend) { pool async throws in
      let expected = (0..<count).map { 2 * $0 }
      #expect(try await pool.map(Counter(end: count)) == expected)
      #expect(try await onThread { try pool.map(Counter(end: count), window: 3) } == expected)
      #expect(try await pool.mapResults(Counter(end: count)).map { try $0.get() } == expected)
      #expect(
        try await onThread { try pool.mapResults(Counter(end: count)) }.map { try $0.get() } == expected)
      let sum = expected.reduce(0, +)
      #expect(try await pool.reduce(Counter(end: count), into: 0) { $0 += $1 } == sum)
      #expect(try await onThread { try pool.reduce(Counter(end: count), into: 0) { $0 += $1 } } == sum)
    }
  }

  @Test(arguments: [1, 2, 7, 1000], [ResultOrder.input, .completion])
  func `both orders deliver everything once`(window: Int, order: ResultOrder) async throws {
    try await withProcessPool(workers: 2) { pool async throws in
      var seen: [Int] = []
      for try await item in pool.results(of: Counter(end: 200), order: order, window: window) {
        #expect(try item.result.get() == 2 * item.index && item.input.a == item.index)
        seen.append(item.index)
      }
      #expect(order == .input ? seen == Array(0..<200) : seen.sorted() == Array(0..<200))
    }
  }

  @Test(arguments: [0, 3, 10], [ResultOrder.input, .completion])
  func `an input's error comes at its place`(place: Int, order: ResultOrder) async throws {
    try await withProcessPool(workers: 2) { pool async throws in
      let bad = BadInput(at: place)
      var iterator = pool.results(of: Counter(throwing: bad), order: order).makeAsyncIterator()
      var seen: [Int] = []
      for _ in 0..<place { seen.append(try #require(try await iterator.next()).index) }
      #expect(seen.sorted() == Array(0..<place))
      await #expect(throws: bad) { try await iterator.next() }
      #expect(try await iterator.next() == nil)
      await #expect(throws: bad) { try await pool.map(Counter(throwing: bad)) }
      await #expect(throws: bad) { try await onThread { try pool.mapResults(Counter(throwing: bad)) } }
      var combined: [Int] = []
      await #expect(throws: bad) {
        try await pool.reduce(Counter(throwing: bad), into: ()) { combined.append($1) }
      }
      #expect(combined == (0..<place).map { 2 * $0 })
    }
  }

  @Test(arguments: [1, 8, 128])
  func `an endless input is pulled no further than the window`(window: Int) async throws {
    let counter = Counter()
    try await withProcessPool(workers: 2) { pool async throws in
      var iterator = pool.results(of: counter, order: .input, window: window).makeAsyncIterator()
      #expect(counter.pulled.load(ordering: .relaxed) == 0)
      for index in 0..<300 {
        let item = try #require(try await iterator.next())
        #expect(try item.result.get() == 2 * index)
        #expect(counter.pulled.load(ordering: .relaxed) <= index + 1 + window)
      }
    }
    try await eventually("the input is let go") { counter.isOver.load(ordering: .acquiring) }
  }

  @Test func `a slow input does not hold back results that are there`() async throws {
    try await withProcessPool(workers: 2) { pool async throws in
      let (tasks, source) = AsyncStream.makeStream(of: Add.self)
      var iterator = pool.results(of: tasks, order: .input).makeAsyncIterator()
      for number in 0..<20 {
        source.yield(Add(a: number))
        #expect(try await iterator.next()?.result.get() == number + 1)
      }
      let error = await #expect(throws: ParallelError.self) {
        try await iterator.next(timeout: .milliseconds(5))
      }
      #expect(error?.code == .timedOut)
      source.yield(Add(a: 20))
      #expect(try await iterator.next()?.result.get() == 21)
      source.finish()
      #expect(try await iterator.next() == nil)
    }
  }

  @Test func `abandoning cancels an input that waits`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let (tasks, source) = AsyncStream.makeStream(of: Add.self)
      let ended = try Gate()
      source.onTermination = { _ in ended.open() }
      source.yield(Add(a: 1))
      for try await item in pool.results(of: tasks) {
        #expect(item.index == 0)
        break
      }
      try await ended.opened()
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }

  @Test func `cancelling the consumer cancels the input`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let (tasks, source) = AsyncStream.makeStream(of: Hold.self)
      let begun = try Gate(), goOn = try Gate(), ended = try Gate()
      source.onTermination = { _ in ended.open() }
      source.yield(Hold(begun: begun, goOn: goOn))
      let consumer = Task { try await pool.mapResults(tasks) }
      try await begun.opened()
      consumer.cancel()
      await #expect(throws: CancellationError.self) { try await consumer.value }
      try await ended.opened()
      goOn.open()
    }
  }

  @Test(arguments: [1, 3])
  func `a limited pool is filled no further than its limit`(maxPending: Int) async throws {
    try await withProcessPool(workers: 2, maxPending: maxPending) { pool async throws in
      async let first = pool.map(Counter(end: 200))
      async let second = pool.map((0..<200).map { Add(a: $0) })
      async let third = onThread { try pool.mapResults(Counter(end: 200)) }
      #expect(try await first == (0..<200).map { 2 * $0 })
      #expect(try await second == (0..<200).map { $0 + 1 })
      #expect(try await third.map { try $0.get() } == (0..<200).map { 2 * $0 })
      // Abandoned iterations give their places back.
      for _ in 0..<10 {
        for try await _ in pool.results(of: Counter()) { break }
      }
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }

  @Test func `crashing tasks are items at their places`() async throws {
    try await withProcessPool(workers: 2, environment: .withoutBacktraces) { pool async throws in
      let tasks = AsyncStream { source in
        for number in 0..<20 { source.yield(MaybeCrash(number: number, crashes: number % 10 == 3)) }
        source.finish()
      }
      let results = try await pool.mapResults(tasks)
      #expect(results.map { try? $0.get() } == (0..<20).map { $0 % 10 == 3 ? nil : $0 })
    }
  }

  @Test func `a pool that is shut down fails what comes later`() async throws {
    let pool = try ProcessPool(workers: 1)
    let (tasks, source) = AsyncStream.makeStream(of: Add.self)
    var iterator = pool.results(of: tasks).makeAsyncIterator()
    source.yield(Add(a: 1))
    #expect(try await iterator.next()?.result.get() == 2)
    try await pool.shutdown(.drain)
    source.yield(Add(a: 2))
    let item = try #require(try await iterator.next())
    let error = #expect(throws: ParallelError.self) { try item.result.get() }
    #expect(error?.code == .shutDown)
  }
}
