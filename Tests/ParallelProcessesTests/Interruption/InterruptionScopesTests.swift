import Glibc
import Parallel
import TestSupport
import Testing

/// Several scopes, the second signal, and the door for threads.
@Suite(.timeLimit(.minutes(10))) struct InterruptionScopesTests {
  // MARK: Several scopes

  private struct Nested: WorkerTask {
    struct Report: Codable, Sendable, Equatable { var inner = 0, outer = 0, late = 0, after = 0, pools = 0 }
    var ready: Gate

    func run() async throws -> Report {
      var report = Report()
      let pools = try (0..<3).map { _ in try ProcessPool(workers: 1) }
      do {
        try await withInterruption(of: pools[0], pools[1]) {
          do {
            try await withInterruption(of: pools[2]) {
              ready.open()
              while !Task.isCancelled { await Task.yield() }
              // It begins in an interrupted process.
              let late = try ProcessPool(workers: 1)
              do { try await withInterruption(of: late) { () async throws in } } catch is Interruption {
                report.late += 1
              }
              if late.workerProcessIDs.isEmpty { report.pools += 1 }
            }
          } catch is Interruption {
            report.inner += 1
          }
        }
      } catch is Interruption {
        report.outer += 1
      }
      report.pools += pools.filter(\.workerProcessIDs.isEmpty).count
      // All is over: another scope is not interrupted.
      try await withInterruption { () async throws in report.after += 1 }
      return report
    }
  }

  @Test func `a signal interrupts all scopes`() async throws {
    let ready = try Gate()
    try await withProcessPool(workers: 1) { pool async throws in
      let process = try await pool.run(ProcessID())
      let program = pool.submit(Nested(ready: ready))
      try await ready.opened()
      kill(process, SIGINT)
      #expect(try await program.value == Nested.Report(inner: 1, outer: 1, late: 1, after: 1, pools: 4))
    }
  }

  private struct Concurrent: WorkerTask {
    func run() async throws -> Int {
      let begun = try (0..<8).map { _ in try Gate() }
      return try await withThrowingTaskGroup { group in
        for gate in begun {
          group.addTask {
            do {
              try await withInterruption {
                gate.open()
                try await Task.sleep(for: .seconds(1000))
              }
              return 0
            } catch let interruption as Interruption {
              return interruption.underlying is CancellationError ? 1 : 0
            }
          }
        }
        for gate in begun { try await gate.opened() }
        kill(getpid(), SIGTERM)
        return try await group.reduce(0, +)
      }
    }
  }

  @Test func `scopes of several tasks`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      for _ in 0..<5 { #expect(try await pool.run(Concurrent()) == 8) }
    }
  }

  // MARK: The second signal

  private struct Stubborn: WorkerTask {
    var log: SharedLog
    var ready: Gate
    var interrupted: Gate

    func run() async throws -> Int {
      let pool = try ProcessPool(workers: 2)
      for worker in pool.workerProcessIDs { try log.append(Int(worker)) }
      let begun = try Gate()
      let busy = pool.submit(Spin(begun: begun))
      try await begun.opened()
      try await withInterruption(of: pool) {
        ready.open()
        while !Task.isCancelled { await Task.yield() }
        interrupted.open()
        // Deaf to everything, as a program may be.
        while true { sched_yield() }
      }
      return try await busy.value
    }
  }

  @Test(arguments: [(SIGINT, SIGINT), (SIGTERM, SIGTERM), (SIGINT, SIGTERM)])
  func `the second signal ends the process and its workers`(first: Int32, second: Int32) async throws {
    let folder = try TemporaryFolder()
    let log = SharedLog(path: folder.path.appending("log"))
    let ready = try Gate(), interrupted = try Gate()
    try await withProcessPool(workers: 1) { pool async throws in
      let process = try await pool.run(ProcessID())
      let program = pool.submit(Stubborn(log: log, ready: ready, interrupted: interrupted))
      try await ready.opened()
      kill(process, first)
      try await interrupted.opened()
      // Those that come soon after the first count as the same.
      try await eventually("it has ended") {
        guard isAlive(process) else { return true }
        kill(process, second)
        return false
      }
      #expect(try await crash { try await program.value }.status.matches(.signal(first)))
      #expect(log.numbers.count == 2)
      try await eventually("its workers are gone") { !log.numbers.contains { isAlive(Int32($0)) } }
    }
  }

  private struct SignalledTwice: WorkerTask {
    func run() async throws -> Int32 {
      do {
        try await withInterruption {
          Self.raiseBothAtOnce()
          while !Task.isCancelled { await Task.yield() }
        }
        return 0
      } catch let interruption as Interruption {
        return interruption.signal
      }
    }

    private static func raiseBothAtOnce() {
      var both = sigset_t()
      sigemptyset(&both)
      for signal in [SIGINT, SIGTERM] { sigaddset(&both, signal) }
      pthread_sigmask(SIG_BLOCK, &both, nil)
      for signal in [SIGINT, SIGTERM] { raise(signal) }
      pthread_sigmask(SIG_UNBLOCK, &both, nil)
    }
  }

  @Test func `two signals at once are one wish`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let signal = try await pool.run(SignalledTwice())
      #expect(signal == SIGINT || signal == SIGTERM)
    }
  }

  private struct Obedient: WorkerTask {
    func run() async throws -> Int {
      do {
        try await withInterruption(of: try ProcessPool(workers: 1)) {
          kill(getpid(), SIGTERM)
          while !Task.isCancelled { await Task.yield() }
        }
      } catch let interruption as Interruption {
        interruption.endProcess()
      }
      return 0
    }
  }

  @Test func `the process is seen to have been interrupted`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      #expect(try await crash { try await pool.run(Obedient()) }.status.matches(.signal(SIGTERM)))
    }
  }

  // MARK: Forked children

  private struct Forking: WorkerTask {
    func run() async throws -> Int32 {
      try await withInterruption { () async throws in Self.statusOfInterruptedChild() }
    }

    private static func statusOfInterruptedChild() -> Int32 {
      let child = plainFork()
      if child == 0 {
        alarm(60)
        raise(SIGINT)
        _exit(0)
      }
      var status: Int32 = 0
      while waitpid(child, &status, 0) < 0, errno == EINTR {}
      return status
    }
  }

  @Test(.disabled(if: isThreadSanitized, "the sanitizer holds signals back in a forked child"))
  func `a signal for a forked child does there what it did before the scope`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      // Ended by the signal, as a status of waitpid.
      #expect(try await pool.run(Forking()) == SIGINT)
    }
  }

  // MARK: Threads

  private struct Blocking: WorkerTask {
    struct Report: Codable, Sendable, Equatable {
      var signal: Int32 = 0, wasCancelled = false, running: Int?, sum = 0
    }

    func run() throws -> Report {
      var report = Report()
      let pool = try ProcessPool(workers: 1)
      report.sum = try withInterruption(of: pool) { try pool.run(Add(a: 1)) }
      let begun = try Gate(), goOn = try Gate()
      let running = pool.submit(Hold(begun: begun, goOn: goOn, answer: 7))
      begun.pass()
      do {
        try withInterruption(of: pool) {
          kill(getpid(), SIGINT)
          defer { goOn.open() }
          try Event().wait()
        }
      } catch let interruption as Interruption {
        report.signal = interruption.signal
        report.wasCancelled = interruption.underlying is CancellationError
      }
      report.running = try running.get()
      return report
    }
  }

  @Test func `a thread's waits end`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let expected = Blocking.Report(signal: SIGINT, wasCancelled: true, running: 7, sum: 2)
      #expect(try await pool.run(Blocking()) == expected)
    }
  }
}
