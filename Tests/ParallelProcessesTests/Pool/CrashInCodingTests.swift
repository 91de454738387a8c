import Glibc
import Parallel
import TestSupport
import Testing

/// Crashes and errors of the code that makes values into messages and back.
@Suite(.timeLimit(.minutes(10))) struct CrashInCodingTests {
  /// Where a value goes wrong, and how.
  private enum Trouble: String, Codable, Sendable { case none, error, crash, exit }

  private struct Cursed: Codable, Sendable {
    var whenDecoded = Trouble.none
    var whenEncoded = Trouble.none
    /// Before this process, none of the troubles is real.
    var home = getpid()
    var isAtHome = false
    var padding: [UInt8] = []

    enum CodingKeys: CodingKey { case whenDecoded, whenEncoded, home, isAtHome, padding }

    init() {}

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      whenDecoded = try container.decode(Trouble.self, forKey: .whenDecoded)
      whenEncoded = try container.decode(Trouble.self, forKey: .whenEncoded)
      home = try container.decode(Int32.self, forKey: .home)
      isAtHome = try container.decode(Bool.self, forKey: .isAtHome)
      padding = try container.decode([UInt8].self, forKey: .padding)
      if isAtHome == (getpid() == home) { try strike(whenDecoded, "decoding") }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(whenDecoded, forKey: .whenDecoded)
      try container.encode(whenEncoded, forKey: .whenEncoded)
      try container.encode(home, forKey: .home)
      try container.encode(isAtHome, forKey: .isAtHome)
      try container.encode(padding, forKey: .padding)
      if isAtHome == (getpid() == home) { try strike(whenEncoded, "encoding") }
    }

    private func strike(_ trouble: Trouble, _ place: String) throws {
      switch trouble {
      case .none: break
      case .error: throw Refused(place: place)
      case .crash: fatalError("crash while \(place)")
      case .exit: _exit(5)
      }
    }
  }

  private struct Refused: Error {
    var place: String
  }

  private struct Takes: WorkerTask {
    var input: Cursed
    func run() -> Int { 1 }
  }
  private struct Gives: WorkerTask {
    var output: Cursed
    func run() -> Cursed { output }
  }

  private func cursed(_ change: (inout Cursed) -> Void) -> Cursed {
    var value = Cursed()
    change(&value)
    return value
  }

  @Test func `a crash while the input is decoded costs one task`() async throws {
    try await withProcessPool(workers: 2, environment: .withoutBacktraces) { pool async throws in
      for trouble in [Trouble.crash, .exit] {
        let others = (0..<50).map { pool.submit(Add(a: $0)) }
        let report = try await crash { try await pool.run(Takes(input: cursed { $0.whenDecoded = trouble })) }
        if trouble == .crash {
          #expect(report.message?.contains("crash while decoding") == true, "\(report.standardErrorTail)")
        }
        #expect(report.status.matches(trouble == .crash ? .trap : .exit(5)))
        for (number, other) in others.enumerated() { #expect(try await other.value == number + 1) }
      }
    }
  }

  @Test func `a crash while the output is encoded costs one task`() async throws {
    try await withProcessPool(workers: 2, environment: .withoutBacktraces) { pool async throws in
      for trouble in [Trouble.crash, .exit] {
        let others = (0..<50).map { pool.submit(Add(a: $0)) }
        let task = Gives(
          output: cursed {
            $0.whenEncoded = trouble
            $0.padding = [UInt8](repeating: 1, count: 200_000)
          })
        let report = try await crash { try await pool.run(task) }
        if trouble == .crash {
          #expect(report.message?.contains("crash while encoding") == true, "\(report.standardErrorTail)")
        }
        for (number, other) in others.enumerated() { #expect(try await other.value == number + 1) }
      }
    }
  }

  @Test(arguments: backends)
  func `input that can't be decoded`(backend: ProcessPool.Backend) async throws {
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      // On a thread of this process the worker is at home.
      let value = cursed {
        $0.whenDecoded = .error
        $0.isAtHome = backend == .inProcess
      }
      let failure = try await failure { try await pool.run(Takes(input: value)) }
      guard case .undecodableInput(let error) = failure.reason else { throw failure }
      #expect(error.typeName.hasSuffix("Refused") && error.message.contains("decoding"), "\(error)")
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }

  @Test func `output that can't be encoded`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let worker = try await pool.run(ProcessID())
      let failure = try await failure {
        try await pool.run(Gives(output: cursed { $0.whenEncoded = .error }))
      }
      guard case .unencodableOutput(let error) = failure.reason else { throw failure }
      #expect(error.typeName.hasSuffix("Refused") && error.message.contains("encoding"), "\(error)")
      #expect(error.worker == worker)
      #expect(try await pool.run(ProcessID()) == worker)
    }
  }

  @Test func `output that can't be decoded here`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let value = cursed {
        $0.whenDecoded = .error
        $0.isAtHome = true
      }
      let future = pool.submit(Gives(output: value))
      for _ in 0..<2 {
        let failure = try await failure { try await future.get() }
        guard case .undecodableOutput(let error) = failure.reason else { throw failure }
        #expect(error.typeName.hasSuffix("Refused"), "\(error)")
      }
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }

  @Test(arguments: backends)
  func `a task that can't be encoded is refused`(backend: ProcessPool.Backend) async throws {
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      let value = cursed {
        $0.whenEncoded = .error
        $0.isAtHome = true
      }
      let future = pool.submit(Takes(input: value))
      #expect(future.isDone)
      let error = try await refusal { try await future.get() }
      #expect(error.code == .coding && error.message.contains("Takes"), "\(error)")
      #expect(error.underlying is Refused)
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }
}
