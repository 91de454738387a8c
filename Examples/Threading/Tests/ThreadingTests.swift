import Foundation
import Testing

/// Each program is run as a user would.
@Suite struct ThreadingTests {
  /// The program stands where the tests' own executable does.
  private static let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("threading")

  private struct Run {
    var status: Int32
    var lines: [Substring]
    var errors: String
  }

  private func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Run {
    let process = Process()
    process.executableURL = Self.program
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // Little enough is written to standard error to fit into the pipe.
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let complaints = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Run(
      status: process.terminationStatus, lines: String(decoding: text, as: UTF8.self).split(separator: "\n"),
      errors: String(decoding: complaints, as: UTF8.self))
  }

  @Test func earlyEnd() throws {
    let run = try run("early-end")
    #expect(run.lines == ["the listener ended early"])
    #expect(run.status == 0)
  }

  @Test(arguments: [1, 50]) func timeLimitedLoop(limit: Int) throws {
    let run = try run("time-limited-loop", "--limit", "\(limit)")
    let line = try #require(run.lines.first)
    #expect(line.hasPrefix("received until the end:"))
    let numbers = line.split(separator: " ").compactMap { Int($0) }
    // In order and none left out.
    #expect(numbers == (0..<numbers.count).map { 1 << $0 })
    #expect(run.lines.count == 1 && run.status == 0)
  }

  @Test func eventHandOver() throws {
    #expect(try run("event-hand-over", "10").lines == ["counting", "the counter is at work", "sum 45"])
    #expect(try run("event-hand-over", "--", "-1").status != 0)
  }

  @Test func periodicTimer() throws {
    let run = try run("periodic-timer", "--interval", "1")
    #expect(run.lines.filter { $0.hasPrefix("T minus") }.map { $0.suffix(1) } == ["5", "4", "3", "2", "1"])
    #expect(run.lines.filter { $0.hasPrefix("counting") }.map { $0.suffix(1) } == ["1", "2", "3", "4", "5"])
    #expect(run.lines.last == "lift-off")
    #expect(run.lines.count == 11)
    #expect(try self.run("periodic-timer", "--interval", "0").status != 0)
  }

  @Test(arguments: [(8, 3, 3), (3, 8, 3), (4, 0, 0), (0, 2, 0)])
  func semaphoreCounter(threads: Int, permits: Int, worked: Int) throws {
    let run = try run("semaphore-counter", "--threads", "\(threads)", "--permits", "\(permits)")
    #expect(run.lines == ["\(worked) of \(threads) have worked"])
    #expect(run.status == 0)
  }

  @Test func orderedLocks() throws {
    let run = try run(
      "ordered-locks", "--philosophers", "4", "--meals", "500", environment: ["PARALLEL_LOCK_ORDER": "1"])
    #expect(run.lines == ["2000 meals were eaten"])
    #expect(run.errors.isEmpty)
    #expect(run.status == 0)
  }

  @Test func carelessOrderIsReportedBeforeItDeadlocks() throws {
    let run = try run(
      "ordered-locks", "--careless", "--meals", "2", environment: ["PARALLEL_LOCK_ORDER": "1"])
    #expect(run.lines == ["10 meals were eaten"])
    #if DEBUG
      #expect(run.errors.contains("OrderedLocks.swift"))
    #else
      #expect(run.errors.isEmpty)
    #endif
  }

  @Test func urgentFirst() throws {
    let run = try run("urgent-first")
    #expect(
      run.lines == [
        "the first one is taken at once", "put out the fire", "post a letter", "water the plants",
      ])
  }

  @Test func anUnknownExampleIsAnError() throws {
    let run = try run("no-such-example")
    #expect(run.status != 0)
    #expect(run.errors.contains("no-such-example"))
  }
}
