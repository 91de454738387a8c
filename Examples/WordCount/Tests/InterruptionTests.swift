import Foundation
import Glibc
import Testing

/// Ctrl-C, and a service manager's `SIGTERM`.
@Suite struct InterruptionTests {
  private let folder = ScratchFolder()

  /// With two workers and the delay that the tests choose, the files are never all counted when the signal comes.
  private static let fileCount = 400

  init() throws {
    for number in 0..<Self.fileCount { try folder.write("word", to: "file\(number)") }
  }

  @Test(arguments: [SIGINT, SIGTERM]) func theFirstSignalEndsItWithAReport(signal: Int32) async throws {
    let program = try RunningProgram("--workers", "2", "--delay", "500", in: folder)
    try await program.hasWorkers(2)
    program.signal(signal)
    let run = try await program.ended()
    #expect(run.reason == .uncaughtSignal && run.status == signal)
    try expectReport(run)
  }

  private func expectReport(_ run: RunningProgram.End) throws {
    #expect(run.errors.contains("wordcount: interrupted"))
    let files = try #require(run.output.split(separator: "\n").first { $0.hasPrefix("files ") })
    let count = try #require(files.split(separator: " ").last.flatMap { Int($0) })
    #expect(count < Self.fileCount)
    // What was counted was counted whole, and what was not begun is no failure.
    #expect(count == 0 || run.output.hasPrefix("\(count)  word\n"))
    #expect(!run.output.contains("failed"))
    #expect(run.workersLeft == [])
  }

  @Test func theSecondSignalEndsItAtOnce() async throws {
    let program = try RunningProgram("--workers", "2", "--delay", "100000000", in: folder)
    try await program.hasWorkers(2)
    // Those that come soon after the first count as the same.
    let run = try await program.ended(signallingWith: SIGINT)
    #expect(run.reason == .uncaughtSignal && run.status == SIGINT)
    #expect(run.output == "" && run.errors == "")
    #expect(run.workersLeft == [])
  }

  /// As in a container. The default action of no signal ends such a process.
  @Test(.enabled(if: RunningProgram.canBeProcess1, "this user may not make a PID namespace: unshare --pid"))
  func asProcess1() async throws {
    let program = try RunningProgram(
      "--workers", "2", "--delay", "500", in: folder, asProcess1: true)
    try await program.hasWorkers(2)
    program.signal(SIGTERM)
    let run = try await program.ended()
    #expect(run.reason == .exit && run.status == 128 + SIGTERM)
    try expectReport(run)

    let other = try RunningProgram("--delay", "100000000", "--workers", "1", in: folder, asProcess1: true)
    try await other.hasWorkers(1)
    let end = try await other.ended(signallingWith: SIGINT)
    #expect(end.reason == .exit && end.status == 128 + SIGINT)
    #expect(end.workersLeft == [])
  }
}
