import Glibc
import Parallel
import SystemPackage
import TestSupport
import Testing

/// What tasks print. Each test runs its pool inside a worker of another one, whose standard streams are files meanwhile.
@Suite(.timeLimit(.minutes(10))) struct WorkerOutputTests {
  /// Prints in small pieces.
  private struct Prints: WorkerTask {
    var label: String
    var lines: Int
    var stream: Int32

    func run() -> Int {
      for line in 0..<lines {
        for piece in ["<", label, "-\(line)", ">", "\n"] {
          _ = piece.withCString { write(stream, $0, strlen($0)) }
        }
      }
      return lines
    }
  }
  private struct PrintsBySwift: WorkerTask {
    var text: String
    func run() -> Int {
      print(text)
      return 1
    }
  }
  private struct PrintsWithoutEnd: WorkerTask {
    var endsProcess: Bool
    func run() -> Int {
      for stream: Int32 in [1, 2] { _ = write(stream, "no end", 6) }
      if endsProcess { _exit(1) }
      return 1
    }
  }
  private struct PrintsBytes: WorkerTask {
    var count: Int
    func run() -> Int {
      let line = [UInt8](repeating: UInt8(ascii: "y"), count: 99) + [UInt8(ascii: "\n")]
      for _ in 0..<count / 100 { line.withUnsafeBytes { _ = write(1, $0.baseAddress, 100) } }
      return count
    }
  }

  /// Runs a pool while its own standard output and error are files.
  private struct Captured: WorkerTask {
    enum Scene: String, Codable { case pieces, swift, noEnd, crash, flood }
    struct Answer: Codable, Sendable { var output, errors: String }
    var scene: Scene
    var folder: FilePath

    func run() async throws -> Answer {
      for (stream, name) in [(FileDescriptor.standardOutput, "out"), (.standardError, "err")] {
        let file = try FileDescriptor.open(
          folder.appending(name), .writeOnly, options: [.create, .append], permissions: .ownerReadWrite)
        _ = try file.duplicate(as: stream)
        try file.close()
      }
      let pool = try ProcessPool(workers: 2, environment: .withoutBacktraces)
      try await play(pool)
      try await pool.shutdown()
      return Answer(
        output: contents(of: folder.appending("out")) ?? "",
        errors: contents(of: folder.appending("err")) ?? "")
    }

    private func play(_ pool: ProcessPool) async throws {
      switch scene {
      case .pieces:
        let futures = (0..<20).map {
          pool.submit(Prints(label: "task\($0)", lines: 100, stream: $0.isMultiple(of: 2) ? 1 : 2))
        }
        for future in futures { _ = try await future.value }
      case .swift: for number in 0..<10 { _ = try await pool.run(PrintsBySwift(text: "number \(number)")) }
      case .noEnd: _ = try await pool.run(PrintsWithoutEnd(endsProcess: false))
      case .crash:
        _ = try? await pool.run(PrintsWithoutEnd(endsProcess: true))
        _ = try? await pool.run(Crash(kind: .fatalError))
      case .flood: _ = try await pool.map((0..<4).map { _ in PrintsBytes(count: 2_000_000) })
      }
    }
  }

  private func capture(_ scene: Captured.Scene) async throws -> Captured.Answer {
    let folder = try TemporaryFolder()
    return try await withProcessPool(workers: 1) { pool async throws in
      try await pool.run(Captured(scene: scene, folder: folder.path))
    }
  }

  @Test func `lines arrive whole, in order, on the right stream`() async throws {
    let answer = try await capture(.pieces)
    for (text, parity) in [(answer.output, 0), (answer.errors, 1)] {
      let lines = text.split(separator: "\n").map(String.init)
      #expect(lines.count == 1000)
      for task in 0..<20 where task % 2 == parity {
        #expect(lines.filter { $0.hasPrefix("<task\(task)-") } == (0..<100).map { "<task\(task)-\($0)>" })
      }
    }
  }

  @Test func `what Swift prints is there when the pool is shut down`() async throws {
    let answer = try await capture(.swift)
    #expect(answer.output.split(separator: "\n") == (0..<10).map { "number \($0)" })
    #expect(answer.errors == "")
  }

  @Test func `a line without an end is ended`() async throws {
    let answer = try await capture(.noEnd)
    #expect(answer.output == "no end\n")
    #expect(answer.errors == "no end\n")
  }

  @Test func `the last words of crashed workers arrive`() async throws {
    let answer = try await capture(.crash)
    #expect(answer.output == "no end\n")
    #expect(answer.errors.hasPrefix("no end\n"))
    #expect(answer.errors.contains("Fatal error: no such page\n"))
  }

  @Test func `a flood of output arrives to the last byte`() async throws {
    let answer = try await capture(.flood)
    #expect(answer.output.utf8.count == 8_000_000)
    #expect(answer.output.split(separator: "\n").allSatisfy { $0.utf8.count == 99 })
  }
}
