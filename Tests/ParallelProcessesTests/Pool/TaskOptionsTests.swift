import Glibc
import Parallel
import TestSupport
import Testing

/// Deadlines, run limits, cancelled tasks that do not listen, priorities: with real workers.
@Suite(.timeLimit(.minutes(10))) struct TaskOptionsTests {
  /// Ends when it is told to, with an answer.
  private struct Listens: WorkerTask {
    var begun: Gate
    func run() async -> Int {
      begun.open()
      while !Task.isCancelled { await Task.yield() }
      return 7
    }
  }
  private struct Notes: WorkerTask {
    var number: Int
    var log: SharedLog
    func run() throws -> Int {
      try log.append(number)
      return number
    }
  }
  /// Ends when it is told to, with the error that says so.
  private struct GivesUp: WorkerTask {
    var begun: Gate
    func run() async throws -> Int {
      begun.open()
      try await Task.sleep(for: .seconds(3600))
      return 0
    }
  }
  private struct Sees: WorkerTask {
    func run() -> Bool { Task.isCancelled }
  }

  @Test func `a task that never ends is killed at its deadline`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let begun = try Gate()
      let start = ContinuousClock.now
      let options = TaskOptions(deadline: .milliseconds(400), grace: .milliseconds(50), label: "spinner")
      let worker = try await pool.run(ProcessID())
      let failure = try await failure { try await pool.run(Spin(begun: begun), options: options) }
      guard case .deadlineExceeded(.milliseconds(400), let hasBegun) = failure.reason else {
        Issue.record("\(failure)")
        return
      }
      #expect(hasBegun || !begun.isOpen)
      #expect(failure.label == "spinner" && failure.attempts == 1)
      #expect("\(failure)".contains("spinner"))
      #expect(ContinuousClock.now - start >= .milliseconds(400))
      #expect(try await pool.run(Sees()) == false)
      #expect(try await pool.run(ProcessID()) != worker || !hasBegun)
    }
  }

  @Test func `a task that never ends is killed at its run limit`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let begun = try Gate()
      let options = TaskOptions(runLimit: .milliseconds(100), grace: .milliseconds(50))
      let next = pool.submit(Spin(begun: begun), options: options)
      // It waits behind the other for longer than its limit, which does not count.
      let innocent = pool.submit(ProcessID(), options: TaskOptions(runLimit: .seconds(600)))
      let failure = try await failure { try await next.value }
      guard case .runLimitExceeded(.milliseconds(100)) = failure.reason else {
        Issue.record("\(failure)")
        return
      }
      #expect(try await innocent.value > 0)
      #expect(pool.statistics.killed == 1)
      #expect(pool.statistics.crashed == 0)
    }
  }

  @Test(arguments: backends)
  func `a value that is returned within the grace counts`(backend: ProcessPool.Backend) async throws {
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      let options = TaskOptions(runLimit: .milliseconds(20), grace: .seconds(600))
      #expect(try await pool.run(Listens(begun: Gate()), options: options) == 7)
      let deadline = TaskOptions(deadline: .seconds(1200), grace: .seconds(1199))
      #expect(try await pool.run(Add(a: 1), options: deadline) == 2)
      #expect(try await pool.run(Sees()) == false)
    }
  }

  @Test(arguments: backends)
  func `a task that gives up because it was told fails with its limit`(
    backend: ProcessPool.Backend
  ) async throws {
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      let retries = RetryPolicy(3, on: [.errors])
      let limited = TaskOptions(runLimit: .milliseconds(20), grace: .seconds(600), retries: retries)
      let first = try await failure { try await pool.run(GivesUp(begun: Gate()), options: limited) }
      guard case .runLimitExceeded(.milliseconds(20)) = first.reason else {
        Issue.record("\(first)")
        return
      }
      let due = TaskOptions(deadline: .milliseconds(300), grace: .milliseconds(150), retries: retries)
      let second = try await failure { try await pool.run(GivesUp(begun: Gate()), options: due) }
      // On a busy machine it may not have begun.
      guard case .deadlineExceeded(.milliseconds(300), _) = second.reason else {
        Issue.record("\(second)")
        return
      }
      #expect(pool.statistics.retried == 0)
    }
  }

  @Test(arguments: backends)
  func `a task that no worker has begun fails at its deadline`(backend: ProcessPool.Backend) async throws {
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      let begun = try Gate(), goOn = try Gate()
      let held = pool.submit(Hold(begun: begun, goOn: goOn, answer: 1))
      try await begun.opened()
      for limit in [Duration.zero, .milliseconds(30)] {
        let failure = try await failure {
          try await pool.run(Notes(number: 1, log: log), options: TaskOptions(deadline: limit))
        }
        guard case .deadlineExceeded(limit, hasBegun: false) = failure.reason else {
          Issue.record("\(failure)")
          return
        }
      }
      goOn.open()
      #expect(try await held.value == 1)
    }
    #expect(log.numbers == [])
  }

  @Test func `a thread that does not listen fails its future at the deadline all the same`() async throws {
    try await withProcessPool(workers: 1, backend: .inProcess) { pool async throws in
      let begun = try Gate(), goOn = try Gate()
      let options = TaskOptions(deadline: .milliseconds(50))
      let future = pool.submit(Hold(begun: begun, goOn: goOn), options: options)
      _ = try await failure { try await future.value }
      goOn.open()
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }

  @Test func `a cancelled task that does not listen is killed, and the next one is not`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      for _ in 0..<3 {
        let begun = try Gate()
        let options = TaskOptions(grace: .milliseconds(20))
        let future = pool.submit(Spin(begun: begun), options: options)
        try await begun.opened()
        let next = (0..<20).map { pool.submit(Add(a: $0)) }
        future.cancel()
        for (number, future) in next.enumerated() { #expect(try await future.value == number + 1) }
      }
      #expect(pool.statistics.killed == 3)
    }
  }

  @Test func `urgent tasks leave the queue first`() async throws {
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    try await withProcessPool(workers: 1) { pool async throws in
      let begun = try Gate(), goOn = try Gate()
      let held = pool.submit(Hold(begun: begun, goOn: goOn))
      try await begun.opened()
      for (number, priority) in [0, -1, 5, 0, 7, 5].enumerated() {
        _ = pool.submit(Notes(number: number, log: log), options: TaskOptions(priority: priority))
      }
      goOn.open()
      _ = try await held.value
    }
    #expect(log.numbers == [4, 2, 5, 0, 3, 1])
  }

  private static let nonsense = [
    TaskOptions(deadline: .seconds(-1)), TaskOptions(runLimit: .nanoseconds(-1)),
    TaskOptions(grace: .seconds(-1)),
    TaskOptions(retries: RetryPolicy(-1)), TaskOptions(retries: RetryPolicy(1, initialDelay: .seconds(-1))),
    TaskOptions(retries: RetryPolicy(1, maximumDelay: .seconds(-1))),
    TaskOptions(retries: RetryPolicy(1, jitter: 1.5)), TaskOptions(retries: RetryPolicy(1, jitter: .nan)),
  ]

  @Test(arguments: nonsense) func `options that make no sense are refused at every door`(
    options: TaskOptions
  ) async throws {
    try await withProcessPool(workers: 1, maxPending: 1, backend: .inProcess) { pool async throws in
      let future = pool.submit(Add(a: 1), options: options)
      #expect(try await refusal { try await future.get() }.code == .invalidArgument)
      #expect(
        try await refusal { try await pool.submit(Add(a: 1), options: options, timeout: nil) }.code
          == .invalidArgument)
      #expect(try await refusal { try await pool.run(Add(a: 1), options: options) }.code == .invalidArgument)
      let blocking = try await refusal { try await onThread { try pool.run(Add(a: 1), options: options) } }
      #expect(blocking.code == .invalidArgument)
      // None of them has taken a place.
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }

  @Test func `limits too long for the clock are none`() async throws {
    try await withProcessPool(workers: 1, backend: .inProcess) { pool async throws in
      let long = Duration.seconds(Int64.max)
      let options = TaskOptions(deadline: long, runLimit: long, grace: long, retries: RetryPolicy(Int.max))
      #expect(try await pool.run(Add(a: 1), options: options) == 2)
    }
  }
}
