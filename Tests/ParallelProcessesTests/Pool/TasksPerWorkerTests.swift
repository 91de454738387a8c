import Foundation
import Parallel
import Synchronization
import TestSupport
import Testing

/// Several tasks side by side in one worker.
@Suite(.timeLimit(.minutes(10))) struct TasksPerWorkerTests {
  /// Where tasks of one process wait for each other, as they would for a network: suspended.
  private final class MeetingPlace: Sendable {
    static let shared = MeetingPlace()

    private struct Meeting {
      var waiting: [CheckedContinuation<Void, Never>] = []
      var present = 0
      var most = 0
      var isOver = false
    }

    private let meetings = Mutex<[String: Meeting]>([:])

    /// Suspends until so many are there.
    func meet(_ name: String, _ count: Int) async {
      await withCheckedContinuation { continuation in
        let all = meetings.withLock { meetings -> [CheckedContinuation<Void, Never>] in
          meetings[name, default: Meeting()].waiting.append(continuation)
          guard meetings[name]!.waiting.count >= count || meetings[name]!.isOver else { return [] }
          meetings[name]!.isOver = true
          defer { meetings[name]!.waiting = [] }
          return meetings[name]!.waiting
        }
        for continuation in all { continuation.resume() }
      }
    }

    /// Counts how many are in here at once.
    func visit(_ name: String) async -> Int {
      meetings.withLock { meetings in
        meetings[name, default: Meeting()].present += 1
        meetings[name]!.most = max(meetings[name]!.most, meetings[name]!.present)
      }
      for _ in 0..<20 { await Task.yield() }
      return meetings.withLock { meetings in
        meetings[name]!.present -= 1
        return meetings[name]!.most
      }
    }
  }

  private struct Meet: WorkerTask {
    var name = UUID().uuidString
    var count: Int
    var number = 0
    /// What it does when all are there.
    var crashes = false

    func run() async -> Int {
      await MeetingPlace.shared.meet(name, count)
      if crashes { fatalError("the culprit") }
      // The others must not be finished when one crashes.
      if count > 1 { await MeetingPlace.shared.meet("after \(name)", count) }
      return number
    }
  }

  private struct Visit: WorkerTask {
    var name: String
    func run() async -> Int { await MeetingPlace.shared.visit(name) }
  }

  private func policy(_ count: Int, _ change: (inout PoolPolicy) -> Void = { _ in }) -> PoolPolicy {
    var policy = PoolPolicy()
    policy.tasksPerWorker = count
    change(&policy)
    return policy
  }

  @Test(arguments: backends) func `as many as the policy says run side by side`(
    backend: ProcessPool.Backend
  ) async throws {
    try await withProcessPool(workers: 1, policy: policy(7), backend: backend) { pool async throws in
      // With fewer they would wait for ever.
      for _ in 0..<20 {
        let name = UUID().uuidString
        let meet = (0..<7).map { Meet(name: name, count: 7, number: $0) }
        #expect(try await pool.map(meet) == Array(0..<7))
      }
      let name = UUID().uuidString
      let most = try await pool.map((0..<200).map { _ in Visit(name: name) })
      #expect(most.max()! <= 7)
    }
  }

  @Test func `tasks go to the worker that runs the fewest`() async throws {
    try await withProcessPool(workers: 3, policy: policy(4)) { pool async throws in
      try await eventually("all are ready") { pool.statistics.workers.count { $0.state == .working } == 3 }
      let begun = try (0..<6).map { _ in try Gate() }, goOn = try Gate()
      let tasks = begun.map { pool.submit(HoldSuspended(begun: $0, goOn: goOn)) }
      for gate in begun { try await gate.opened() }
      #expect(Set(pool.statistics.workers.map(\.processID)).count == 3)
      #expect(pool.statistics.running == 6)
      goOn.open()
      var workers: [Int32] = []
      for task in tasks { workers.append(try await task.value) }
      #expect(Dictionary(grouping: workers, by: \.self).values.map(\.count) == [2, 2, 2])
    }
  }

  /// Suspends until the gate is open.
  private struct HoldSuspended: WorkerTask {
    var begun: Gate
    var goOn: Gate

    func run() async throws -> Int32 {
      begun.open()
      try await goOn.opened()
      return getpid()
    }
  }

  @Test func `a long one does not hold up the others, however many`() async throws {
    try await withProcessPool(workers: 1, policy: policy(3)) { pool async throws in
      let begun = try Gate(), goOn = try Gate()
      let long = pool.submit(HoldSuspended(begun: begun, goOn: goOn))
      try await begun.opened()
      // Numbers on the lane come round twice meanwhile.
      let count = 700
      #expect(try await pool.map((0..<count).map { Add(a: $0) }) == Array(1...count))
      #expect(!long.isDone)
      goOn.open()
      _ = try await long.value
    }
  }

  @Test func `a crash fails all that were running, and only those`() async throws {
    try await withProcessPool(
      workers: 1, environment: .withoutBacktraces, policy: policy(4)
    ) { pool async throws in
      let name = UUID().uuidString
      var tasks = (0..<4).map { Meet(name: name, count: 4, number: $0) }
      tasks[2].crashes = true
      let futures = tasks.map { pool.submit($0) }
      let waiting = pool.submit(Add(a: 1))
      for future in futures {
        let failure = try await #require(throws: WorkerFailure.self) { try await future.value }
        #expect(failure.crashReport?.runningTasks == 4)
        #expect(failure.description.contains("one of 4 tasks in a worker that crashed"))
      }
      #expect(try await waiting.value == 2)
    }
  }

  @Test func `where crashes are retried the innocent ones get their results`() async throws {
    let policy = policy(4) { $0.onCrash = .retry(RetryPolicy(1, initialDelay: .zero)) }
    try await withProcessPool(
      workers: 2, environment: .withoutBacktraces, policy: policy
    ) { pool async throws in
      // They meet in one of the workers, or are there by themselves the second time.
      let tasks = (0..<8).map { Suspect(number: $0, crashes: $0 == 5) }
      let results = try await pool.mapResults(tasks)
      for (number, result) in results.enumerated() where number != 5 { #expect(try result.get() == number) }
      let failure = #expect(throws: WorkerFailure.self) { try results[5].get() }
      #expect(failure?.crashReport?.runningTasks == 1 && failure?.attempts == 2)
    }
  }

  private struct Suspect: WorkerTask {
    var number: Int
    var crashes: Bool

    func run() async -> Int {
      for _ in 0..<50 { await Task.yield() }
      if crashes { fatalError("the culprit") }
      for _ in 0..<50 { await Task.yield() }
      return number
    }
  }

  @Test func `the poison verdict is for those that were alone`() async throws {
    let policy = policy(4) {
      $0.onCrash = .retry(RetryPolicy(9, initialDelay: .zero))
      $0.poisonAfter = 2
    }
    try await withProcessPool(
      workers: 1, environment: .withoutBacktraces, policy: policy
    ) { pool async throws in
      let results = try await pool.mapResults((0..<4).map { Suspect(number: $0, crashes: $0 == 1) })
      for number in [0, 2, 3] { #expect(try results[number].get() == number) }
      let failure = try #require(throws: WorkerFailure.self) { try results[1].get() }
      guard case .poison(deaths: 2, _) = failure.reason else { return #expect(Bool(false), "\(failure)") }
    }
  }

  @Test(arguments: backends) func `cancelling one tells that one only`(
    backend: ProcessPool.Backend
  ) async throws {
    try await withProcessPool(workers: 1, policy: policy(3), backend: backend) { pool async throws in
      let begun = try (0..<3).map { _ in try Gate() }, ended = try (0..<3).map { _ in try Gate() }
      let goOn = try Gate()
      let tasks = (0..<3).map {
        pool.submit(UntilCancelled(begun: begun[$0], ended: ended[$0], goOn: goOn))
      }
      for gate in begun { try await gate.opened() }
      tasks[1].cancel()
      try await ended[1].opened()
      goOn.open()
      #expect(try await tasks[0].value == false)
      #expect(try await tasks[2].value == false)
      #expect(pool.statistics.killed == 0)
    }
  }

  /// True if it was cancelled before the gate was opened.
  private struct UntilCancelled: WorkerTask {
    var begun: Gate
    var ended: Gate
    var goOn: Gate

    func run() async throws -> Bool {
      begun.open()
      defer { ended.open() }
      while !goOn.isOpen {
        if Task.isCancelled { return true }
        await Task.yield()
      }
      return false
    }
  }

  @Test func `a kill over one takes the others with it`() async throws {
    try await withProcessPool(workers: 1, policy: policy(2)) { pool async throws in
      let begun = try (0..<2).map { _ in try Gate() }, goOn = try Gate()
      let other = pool.submit(HoldSuspended(begun: begun[0], goOn: goOn))
      try await begun[0].opened()
      let endless = pool.submit(
        Spin(begun: begun[1]), options: TaskOptions(runLimit: .milliseconds(20), grace: .milliseconds(20)))
      let failure = try await #require(throws: WorkerFailure.self) { try await endless.value }
      guard case .runLimitExceeded = failure.reason else { return #expect(Bool(false), "\(failure)") }
      let lost = try await #require(throws: WorkerFailure.self) { try await other.value }
      #expect(lost.crashReport?.runningTasks == 0)
      #expect(lost.description.contains("ended because of another task"))
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }
}
