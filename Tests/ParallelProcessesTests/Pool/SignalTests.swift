import Glibc
import Parallel
import TestSupport
import Testing

/// Signals to workers, and programs that handle `SIGCHLD` in their own way.
@Suite(.timeLimit(.minutes(10))) struct SignalTests {
  private struct Ignored: WorkerTask {
    var number: Int32
    /// Whether a program that a task starts has the signals' ordinary meaning.
    func run() throws -> Bool {
      let child = try startProgram("/bin/sleep", ["1000"])
      kill(child, number)
      var status: Int32 = 0
      return waitpid(child, &status, 0) == child && status & 0x7F == number
    }
  }

  /// Has another process send the signal.
  private func signalAsStranger(_ process: Int32, _ number: Int32) async throws {
    let output = try await onThread { try outputOfProgram("/bin/kill", ["-s", "\(number)", "\(process)"]) }
    #expect(output == "")
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `a stranger's request to end is ignored`(number: Int32) async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let worker = try await pool.run(ProcessID())
      for _ in 0..<3 {
        try await signalAsStranger(worker, number)
      }
      #expect(try await pool.run(ProcessID()) == worker)
      let begun = try Gate(), goOn = try Gate()
      let held = pool.submit(Hold(begun: begun, goOn: goOn, answer: 5))
      try await begun.opened()
      try await signalAsStranger(worker, number)
      goOn.open()
      #expect(try await held.value == 5)
      #expect(try await pool.run(ProcessID()) == worker)
    }
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `the parent's request to end ends`(number: Int32) async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let worker = try await pool.run(ProcessID())
      let begun = try Gate()
      let spinning = pool.submit(Spin(begun: begun))
      try await begun.opened()
      kill(worker, number)
      let report = try await crash { try await spinning.value }
      #expect(report.status.matches(.signal(number)) && report.worker == worker, "\(report)")
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `programs that tasks start are not deaf to signals`(number: Int32) async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      #expect(try await pool.run(Ignored(number: number)))
    }
  }

  /// A pool in a process that takes children's statuses away.
  private struct Rivalry: WorkerTask {
    enum Kind: String, Codable, CaseIterable { case ignoresChildren, reapsAll }
    struct Answer: Codable, Sendable { var values: [Int], crashes: Int, statuses: [ProcessExitStatus] }
    var kind: Kind

    func run() async throws -> Answer {
      switch kind {
      case .ignoresChildren: signal(SIGCHLD, SIG_IGN)
      case .reapsAll:
        var thread = pthread_t()
        pthread_create(&thread, nil, reapForEver, nil)
        pthread_detach(thread)
      }
      var answer = Answer(values: [], crashes: 0, statuses: [])
      try await withProcessPool(workers: 2, environment: .withoutBacktraces) { pool async throws in
        for round in 0..<30 {
          do {
            _ = try await pool.run(Crash(kind: [.fatalError, .killsItself, .exits7][round % 3]))
          } catch let failure as WorkerFailure {
            guard let report = failure.crashReport else { throw failure }
            answer.crashes += 1
            answer.statuses.append(report.status)
          }
          answer.values.append(try await pool.run(Add(a: round)))
        }
      }
      return answer
    }
  }

  @Test(arguments: Rivalry.Kind.allCases)
  private func `a pool works where others take the statuses`(kind: Rivalry.Kind) async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let answer = try await pool.run(Rivalry(kind: kind))
      #expect(answer.crashes == 30)
      #expect(answer.values == Array(1...30))
      for (round, status) in answer.statuses.enumerated() {
        let end = [CrashKind.fatalError, .killsItself, .exits7][round % 3].end
        #expect(status == .unknown || status.matches(end), "\(status)")
      }
    }
  }
}

private func reapForEver(_: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  while true {
    // Without children it fails at once.
    if waitpid(-1, nil, 0) < 0 { sched_yield() }
  }
}
