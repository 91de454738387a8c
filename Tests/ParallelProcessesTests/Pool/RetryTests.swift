import Glibc
import Parallel
import TestSupport
import Testing

/// Tasks that are run again: how often is counted in a file to which each attempt appends.
@Suite(.timeLimit(.minutes(20))) struct RetryTests {
  private struct Failed: Error, Codable, Hashable { var attempt: Int }

  /// Fails until it was run often enough.
  private struct Stubborn: WorkerTask {
    var log: SharedLog
    var succeedsAt: Int
    var dies: Bool
    func run() throws -> Int32 {
      try log.append(Int(getpid()))
      let attempt = log.numbers.count
      if attempt >= succeedsAt { return getpid() }
      if dies { kill(getpid(), SIGKILL) }
      throw Failed(attempt: attempt)
    }
  }

  private func options(_ retries: RetryPolicy) -> TaskOptions {
    TaskOptions(retries: retries, label: "stubborn")
  }

  @Test(arguments: [1, 2]) func `a crash is repaired by another worker`(workers: Int) async throws {
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    try await withProcessPool(workers: workers) { pool async throws in
      let task = Stubborn(log: log, succeedsAt: 3, dies: true)
      let last = try await pool.run(task, options: options(RetryPolicy(2)))
      #expect(log.numbers.count == 3)
      #expect(Set(log.numbers).count == 3, "each attempt in a worker of its own")
      #expect(log.numbers.last == Int(last))
      #expect(pool.statistics.retried == 2)
      #expect(pool.statistics.crashed == 2)
    }
  }

  @Test func `the last failure says how many attempts there were`() async throws {
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    try await withProcessPool(workers: 1) { pool async throws in
      let task = Stubborn(log: log, succeedsAt: 9, dies: true)
      let failure = try await failure { try await pool.run(task, options: options(RetryPolicy(1))) }
      #expect(failure.attempts == 2 && failure.label == "stubborn")
      #expect(failure.crashReport?.status.matches(.signal(SIGKILL)) == true)
      #expect(log.numbers.count == 2)
    }
  }

  @Test func `errors are retried where that was asked for`() async throws {
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    try await withProcessPool(workers: 1) { pool async throws in
      let task = Stubborn(log: log, succeedsAt: 3, dies: false)
      await #expect(throws: Failed(attempt: 1)) {
        try await pool.run(task, options: options(RetryPolicy(5)))
      }
      #expect(try await pool.run(task, options: options(RetryPolicy(5, on: .errors))) > 0)
      #expect(log.numbers.count == 3)
    }
  }

  @Test func `a task that kills one worker after the other is poison`() async throws {
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    var policy = PoolPolicy()
    policy.onCrash = .retry(RetryPolicy(100, initialDelay: .zero))
    try await withProcessPool(workers: 2, policy: policy) { pool async throws in
      let innocent = (0..<200).map { pool.submit(Add(a: $0)) }
      let task = Stubborn(log: log, succeedsAt: 1000, dies: true)
      let failure = try await failure { try await pool.run(task) }
      guard case .poison(deaths: 3, let last?) = failure.reason else {
        Issue.record("\(failure)")
        return
      }
      #expect(last.status.matches(.signal(SIGKILL)))
      #expect(log.numbers.count == 3)
      for (number, future) in innocent.enumerated() { #expect(try await future.value == number + 1) }
    }
  }

  @Test func `the deadline holds for all attempts together`() async throws {
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    try await withProcessPool(workers: 1) { pool async throws in
      let task = Stubborn(log: log, succeedsAt: .max, dies: false)
      var options = options(RetryPolicy(.max, on: .errors, initialDelay: .milliseconds(5), jitter: 0))
      options.deadline = .milliseconds(300)
      do {
        _ = try await pool.run(task, options: options)
        Issue.record("it never succeeds")
      } catch let failure as WorkerFailure {
        if case .deadlineExceeded = failure.reason {} else { Issue.record("\(failure)") }
      } catch is Failed {
        // An attempt that was told of the deadline and throws its own error is the last one.
      }
      #expect(pool.statistics.running == 0 && pool.statistics.waiting == 0)
    }
  }

  /// The delivery table of `TaskOptions`, row by row.
  private struct Noted: WorkerTask {
    var number: Int
    var log: SharedLog
    var effort: Int
    func run() throws -> Int {
      try log.append(number)
      var state = UInt64(truncatingIfNeeded: number)
      for _ in 0..<effort { state = state &* 6_364_136_223_846_793_005 &+ 1 }
      return state == 1 ? -1 : number
    }
  }

  @Test(arguments: [0, 2]) func `under random kills tasks run as often as promised`(retries: Int) async throws
  {
    var random = SeededRandom(for: "kills with \(retries) retries")
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    let count = rounds(release: 4_000)
    var policy = PoolPolicy()
    policy.onCrash = .retry(RetryPolicy(retries, initialDelay: .zero))
    let pool = try ProcessPool(workers: 2, environment: .withoutBacktraces, policy: policy)
    let futures = (0..<count).map {
      pool.submit(Noted(number: $0, log: log, effort: .random(in: 0..<20_000, using: &random)))
    }
    var kills = 0
    while !futures[count - 1].isDone, kills < 100 {
      let step = log.numbers.count + Int.random(in: 1...20, using: &random)
      while log.numbers.count < step, !futures[count - 1].isDone {
        try await Task.sleep(for: .milliseconds(1))
      }
      // Only such as have worked: three deaths in a row before that would be the pool's end.
      let victims = pool.statistics.workers.filter { $0.finished > 0 }.map(\.processID)
      if let victim = victims.randomElement(using: &random), kill(victim, SIGKILL) == 0 { kills += 1 }
    }
    var runs: [Int: Int] = [:]
    var failed = 0
    for (number, future) in futures.enumerated() {
      do {
        #expect(try await future.value == number)
        runs[number] = 0
      } catch let failure as WorkerFailure {
        failed += 1
        #expect(failure.attempts == 1 + retries, "\(failure)")
      }
    }
    try await pool.shutdown()
    for number in log.numbers { runs[number, default: 0] += 1 }
    for number in 0..<count { #expect(runs[number, default: 0] <= 1 + retries, "\(number)") }
    let retried = pool.statistics.retried
    #expect(runs.values.reduce(0, +) <= count + retried)
    if retries == 0 { #expect(retried == 0 && failed <= kills) }
    print("\(retries) retries, \(kills) kills: \(failed) tasks failed, \(retried) attempts were repeated")
  }
}
