import Glibc
import Parallel
import SystemPackage
import TestSupport
import Testing

/// The first signal. The programs are tasks, each in a worker process of its own, whose parent sends the signals.
@Suite(.timeLimit(.minutes(10))) struct InterruptionTests {
  /// Has one task under way and others waiting when the signal comes.
  private struct Program: WorkerTask {
    struct Report: Codable, Sendable, Equatable {
      var signal: Int32 = 0
      var bodyWasCancelled = false
      var running: Int?
      var waiting: Int?
      var isUnderWay: [Bool] = []
      var workerIsGone = false
      var handlersAreBack = false
    }

    var mode: ShutdownMode.Name
    var limit: Duration?
    var cancelsTask = true
    var ready: Gate

    func run() async throws -> Report {
      var report = Report()
      let before = handlers()
      let pool = try ProcessPool(workers: 1, environment: .withoutBacktraces)
      let worker = try await pool.run(ProcessID())
      let begun = try Gate(), goOn = try Gate()
      let running = pool.submit(Hold(begun: begun, goOn: goOn, answer: 7))
      let waiting = pool.submit(Add(a: 1))
      try await begun.opened()
      do {
        try await withInterruption(of: pool, by: mode.mode, limit: limit, cancelsTask: cancelsTask) {
          report.isUnderWay.append(Interruption.isUnderWay)
          ready.open()
          while !Interruption.isUnderWay || (cancelsTask && !Task.isCancelled) { await Task.yield() }
          report.bodyWasCancelled = Task.isCancelled
          report.isUnderWay.append(Interruption.isUnderWay)
          // Until the pool has heard of it, the worker would begin what waits.
          while mode == .cancelPending, !waiting.isDone { await Task.yield() }
          if limit == nil { goOn.open() }
        }
      } catch let interruption as Interruption {
        report.signal = interruption.signal
      }
      report.isUnderWay.append(Interruption.isUnderWay)
      report.running = try? await running.value
      report.waiting = try? await waiting.value
      report.workerIsGone = !isAlive(worker) && pool.workerProcessIDs.isEmpty
      report.handlersAreBack = handlers() == before
      return report
    }
  }

  private func report(
    _ signal: Int32, _ mode: ShutdownMode, limit: Duration? = nil, cancelsTask: Bool = true
  ) async throws -> Program.Report {
    let ready = try Gate()
    return try await withProcessPool(workers: 1) { pool async throws in
      let process = try await pool.run(ProcessID())
      let program = pool.submit(
        Program(mode: .init(mode), limit: limit, cancelsTask: cancelsTask, ready: ready))
      try await ready.opened()
      kill(process, signal)
      let report = try await program.value
      #expect(try await pool.run(ProcessID()) == process)
      return report
    }
  }

  private static func expected(_ signal: Int32) -> Program.Report {
    Program.Report(
      signal: signal, bodyWasCancelled: true, running: 7, waiting: nil, isUnderWay: [false, true, false],
      workerIsGone: true, handlersAreBack: true)
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `what runs is finished, and what waits is not begun`(signal: Int32) async throws {
    #expect(try await report(signal, .cancelPending) == Self.expected(signal))
  }

  @Test func `a drain finishes what waits, too`() async throws {
    var expected = Self.expected(SIGINT)
    expected.waiting = 2
    #expect(try await report(SIGINT, .drain) == expected)
  }

  @Test func `the calling task is left alone where that is wished`() async throws {
    var expected = Self.expected(SIGTERM)
    expected.bodyWasCancelled = false
    #expect(try await report(SIGTERM, .cancelPending, cancelsTask: false) == expected)
  }

  @Test func `at the limit the workers are killed`() async throws {
    var expected = Self.expected(SIGINT)
    expected.running = nil
    #expect(try await report(SIGINT, .cancelPending, limit: .milliseconds(20)) == expected)
    #expect(try await report(SIGINT, .terminate, limit: .seconds(1000)) == expected)
  }

  // MARK: Without a signal

  private struct Undisturbed: WorkerTask {
    struct Odd: Error {}

    func run() async throws -> Bool {
      let before = handlers(), threads = names(in: "/proc/self/task").count
      let pool = try ProcessPool(workers: 1)
      let sum = try await withInterruption(of: pool) { () async throws in try await pool.run(Add(a: 1)) }
      var isThrown = false
      do { try await withInterruption(of: pool) { () async throws in throw Odd() } } catch is Odd {
        isThrown = true
      }
      let answer = try await pool.run(Add(a: 2))
      try await pool.shutdown()
      try await eventually("its thread has ended") {
        !names(in: "/proc/self/task").contains {
          contents(of: FilePath("/proc/self/task/\($0)/comm")) == "interruption\n"
        }
      }
      return sum == 2 && isThrown && answer == 3 && handlers() == before && !Task.isCancelled && threads > 0
    }
  }

  @Test func `without a signal nothing happens`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      for _ in 0..<3 { #expect(try await pool.run(Undisturbed())) }
    }
  }

  private struct Ignoring: WorkerTask {
    func run() async throws -> [Int32] {
      var signals: [Int32] = []
      signal(SIGINT, SIG_IGN)
      defer { signal(SIGINT, SIG_DFL) }
      try await withInterruption(of: try ProcessPool(workers: 1)) { () async throws in
        for _ in 0..<10 { kill(getpid(), SIGINT) }
      }
      do {
        try await withInterruption(cancelsTask: false) {
          for _ in 0..<10 { kill(getpid(), SIGINT) }
          kill(getpid(), SIGTERM)
          while !Interruption.isUnderWay { await Task.yield() }
        }
      } catch let interruption as Interruption {
        signals.append(interruption.signal)
      }
      return signals
    }
  }

  @Test func `what was ignored stays ignored`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      #expect(try await pool.run(Ignoring()) == [SIGTERM])
    }
  }

  /// A signal that comes when the body is just ending is not lost.
  private struct AtTheEnd: WorkerTask {
    func run() async throws -> Int {
      var count = 0
      for _ in 0..<200 {
        do {
          try await withInterruption(cancelsTask: false) { () async throws in _ = raise(SIGTERM) }
        } catch is Interruption {
          count += 1
        }
      }
      return count
    }
  }

  @Test func `each signal within a scope counts`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      #expect(try await pool.run(AtTheEnd()) == 200)
    }
  }
}

/// What the process does at the two signals, as numbers to compare.
func handlers() -> [Int] {
  [SIGINT, SIGTERM].map { signal in
    var action = sigaction()
    sigaction(signal, nil, &action)
    return unsafeBitCast(action.__sigaction_handler, to: Int.self)
  }
}

extension ShutdownMode {
  /// For the way into a task.
  enum Name: String, Codable {
    case drain, cancelPending, terminate

    init(_ mode: ShutdownMode) {
      self = mode == .drain ? .drain : mode == .terminate ? .terminate : .cancelPending
    }

    var mode: ShutdownMode {
      switch self {
      case .drain: .drain
      case .cancelPending: .cancelPending
      case .terminate: .terminate
      }
    }
  }
}
