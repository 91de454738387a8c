import Glibc
import Parallel
import ParallelCore
import TestSupport
import Testing

/// Many tasks of which some crash, run over their limit, are cancelled or throw, with workers that are replaced all the
/// time: each future is resolved once, with what its own task deserves, and nothing is left behind.
///
/// `PARALLEL_TEST_ROUNDS=5` makes it 100,000 tasks in a release build.
@Suite(.timeLimit(.minutes(20))) struct SoakTests {
  private enum Act: Codable, Sendable, Equatable {
    case answers
    case throwsError
    case crashes(CrashKind)
    /// Ends when it is told that nobody wants it any more, or not even then.
    case overrunsLimit(cooperates: Bool)
    case isCancelled(cooperates: Bool)
  }

  private struct Part: WorkerTask {
    var number: Int
    var act: Act
    var begun: Gate?

    func run() async throws -> Int {
      switch act {
      case .answers: return 3 * number + 1
      case .throwsError: throw VisibleError(code: number)
      case .crashes(let kind): return await Crash(kind: kind).run()
      case .overrunsLimit(let cooperates), .isCancelled(let cooperates):
        begun?.open()
        if cooperates { try await Task.sleep(for: .seconds(3600)) }
        while true { sched_yield() }
      }
    }
  }

  /// The whole soak, in a process in which nothing else happens, so that what is left behind can be counted.
  private struct Soak: WorkerTask {
    struct Report: Codable, Sendable {
      var before, after: ResourceCount
      var files: [String] = []
      /// Parts with another outcome than theirs, or with none or two.
      var wrong: [String] = []
      var duration: Duration = .zero
    }
    var seed: UInt64
    var count: Int

    func run() async throws -> Report {
      var random = SeededRandom(seed: seed)
      _ = try await outcomes(of: acts(&random, max(100, count / 20)))
      var report = Report(before: ResourceCount.now, after: ResourceCount.now)
      let acts = acts(&random, count)
      let start = ContinuousClock.now
      report.wrong = try await outcomes(of: acts)
      report.duration = ContinuousClock.now - start
      try await eventually("nothing is left", within: .seconds(60)) {
        report.after = ResourceCount.now
        report.files = openFiles()
        return report.after.isWithin(report.before)
      }
      return report
    }

    private func acts(_ random: inout SeededRandom, _ count: Int) -> [Act] {
      let kinds: [CrashKind] = [.fatalError, .killsItself, .badPointer, .exits7, .abort]
      var acts = (0..<count / 20).map { Act.crashes(kinds[$0 % kinds.count]) }
      acts += (0..<count / 50).map { .overrunsLimit(cooperates: $0 % 2 == 0) }
      acts += (0..<count / 50).map { .isCancelled(cooperates: $0 % 2 == 0) }
      acts += (0..<count / 100).map { _ in .throwsError }
      acts += Array(repeating: .answers, count: count - acts.count)
      return acts.shuffled(using: &random)
    }

    private func outcomes(of acts: [Act]) async throws -> [String] {
      var policy = PoolPolicy()
      policy.recycleAfterTasks = 50
      let resolutions = SharedCounts(count: acts.count)
      let wrong = try await withProcessPool(
        workers: 2, environment: .withoutBacktraces, policy: policy
      ) { pool async throws in
        var wrong: [String] = []
        var underWay: [(number: Int, future: Future<Int>)] = []
        for number in acts.indices {
          underWay.append((number, try submit(number, acts[number], pool, resolutions)))
          guard underWay.count == 400 || number == acts.count - 1 else { continue }
          // In halves, so that the workers never run dry.
          let ripe = number == acts.count - 1 ? underWay.count : 200
          for (number, future) in underWay.prefix(ripe) {
            if let complaint = await complaint(number, acts[number], future) { wrong.append(complaint) }
          }
          underWay.removeFirst(ripe)
        }
        return wrong
      }
      return wrong + resolutions.all.enumerated().filter { $1 != 1 }.map { "\($0) was resolved \($1) times" }
    }

    private func submit(
      _ number: Int, _ act: Act, _ pool: ProcessPool, _ resolutions: SharedCounts
    ) throws -> Future<Int> {
      var part = Part(number: number, act: act)
      var options = TaskOptions()
      switch act {
      case .overrunsLimit(let cooperates):
        options = TaskOptions(
          runLimit: .milliseconds(20), grace: cooperates ? .seconds(60) : .milliseconds(5))
      case .isCancelled(let cooperates):
        options = TaskOptions(grace: cooperates ? .seconds(60) : .milliseconds(5))
        part.begun = try Gate()
      default: break
      }
      let future = pool.submit(part, options: options)
      future.onCompletion { _ in resolutions.add(number) }
      if let begun = part.begun {
        Task {
          try await begun.opened()
          future.cancel()
        }
      }
      return future
    }

    /// Nil if the outcome is the right one.
    private func complaint(_ number: Int, _ act: Act, _ future: Future<Int>) async -> String? {
      let result: Result<Int, any Error>
      do { result = .success(try await future.value) } catch { result = .failure(error) }
      let isRight =
        switch (act, result) {
        case (.answers, .success(let value)): value == 3 * number + 1
        case (.throwsError, .failure(let error as VisibleError)): error.code == number
        case (.crashes(let kind), .failure(let failure as WorkerFailure)):
          failure.crashReport?.status.matches(kind.end) == true
        case (.overrunsLimit, .failure(let failure as WorkerFailure)):
          if case .runLimitExceeded = failure.reason { true } else { false }
        case (.isCancelled, .failure(let error)): error is CancellationError
        default: false
        }
      return isRight ? nil : "\(number), \(act): \(result)"
    }
  }

  @Test func `each task has its own outcome, once, and nothing is left`() async throws {
    let random = SeededRandom(for: "the soak")
    let count = rounds(release: 20_000)
    try await withProcessPool(workers: 1) { pool async throws in
      let report = try await pool.run(Soak(seed: random.seed, count: count))
      print("SoakTests: \(count) tasks in \(report.duration)")
      #expect(report.wrong == [], "seed \(random.seed)")
      #expect(report.after.isWithin(report.before), "\(report)")
    }
  }
}

/// Counters that several threads add to.
private final class SharedCounts: Sendable {
  private let counts: Guarded<[Int]>
  init(count: Int) { counts = Guarded(Array(repeating: 0, count: count)) }
  func add(_ index: Int) { counts.withLock { $0[index] += 1 } }
  var all: [Int] { counts.withLock { $0 } }
}
