import Glibc
import ParallelCommands
import ParallelCore
import ParallelThreads
import SystemPackage
import TestSupport
import Testing

@Suite struct RunTests {
  @Test func statuses() async throws {
    #expect(try await Command("true").run() == .exited(0))
    #expect(try await sh("exit 7").run() == .exited(7))
    #expect(try await sh("kill -TERM $$").run() == .signaled(SIGTERM, coreDumped: false))
    #expect(try await onThread { try sh("exit 3").run() } == .exited(3))
  }

  @Test func checkThrowsWhatWentWrong() async throws {
    try await Command("true").check()
    let error = try await commandError { try await sh("exit 7").check() }
    guard case .failed(.exited(7)) = error.reason else {
      Issue.record("\(error)")
      return
    }
    #expect(error.description.contains("exited with code 7"))
    let killed = try await commandError { try await sh("kill -KILL $$").check() }
    #expect(killed.description.contains("SIGKILL"))
  }

  @Test func theErrorQuotesTheEndOfTheErrorOutput() async throws {
    let error = try await commandError {
      try await sh("for n in 1 2 3 4 5 6 7 8; do echo line $n >&2; done; exit 1").capture().checked()
    }
    #expect(error.description.hasSuffix("line 4\nline 5\nline 6\nline 7\nline 8"))
    #expect(error.captured?.status == .exited(1))
  }

  @Test func bothStreamsAtOnceWithoutDeadlock() async throws {
    let script = "head -c 3000000 /dev/zero & head -c 2000000 /dev/zero >&2; wait"
    let result = try await sh(script).capture().checked()
    #expect(result.output.count == 3_000_000 && result.errors.count == 2_000_000)
  }

  @Test func linesLoseTheirEnds() async throws {
    #expect(try await sh(#"printf 'a\r\n\nb'"#).capture().lines == ["a", "", "b"])
    #expect(try await Command("true").capture().lines == [])
  }

  @Test func outputUpToALimit() async throws {
    let command = Command("head", ["-c", "100000", "/dev/zero"])
    let cut = try await command.capture(limit: .truncating(to: 1000)).checked()
    #expect(cut.output.count == 1000 && cut.isTruncated)
    let whole = try await command.capture(limit: .failing(above: 100_000)).checked()
    #expect(whole.output.count == 100_000 && !whole.isTruncated)
    let error = try await commandError { try await command.capture(limit: .failing(above: 99_999)) }
    guard case .tooMuchOutput(limit: 99_999) = error.reason else {
      Issue.record("\(error)")
      return
    }
    #expect(error.captured?.output.count == 99_999)
  }

  @Test func endlessOutputIsStoppedByItsLimit() async throws {
    let error = try await commandError { try await Command("yes").capture(limit: .failing(above: 1 << 20)) }
    guard case .tooMuchOutput = error.reason else {
      Issue.record("\(error)")
      return
    }
  }

  // MARK: Time

  @Test(arguments: [
    "echo before; sleep 1000", "echo before; sleep 1000 & wait", "echo before; sleep 1000 &",
    "echo before; setsid sleep 1000 & wait", "trap '' TERM; echo before; while :; do sleep 1000; done",
    "echo before; kill -STOP $$",
  ])
  func aTimeoutKillsAllAndKeepsWhatWasRead(script: String) async throws {
    let error = try await commandError { try await sh(script).capture(timeout: .milliseconds(300)) }
    guard case .timedOut(after: .milliseconds(300)) = error.reason else {
      Issue.record("\(error)")
      return
    }
    #expect(error.captured?.text == "before\n")
    try await eventually("no child is left") { ProcessEntry.children().allSatisfy { !$0.isZombie } }
  }

  @Test func aTimeoutOfZeroKillsAtOnce() async throws {
    let error = try await commandError { try await Command("sleep", ["1000"]).run(timeout: .zero) }
    guard case .timedOut = error.reason else {
      Issue.record("\(error)")
      return
    }
  }

  @Test func aCancelledTaskKillsItsCommand() async throws {
    let folder = try TemporaryFolder()
    let file = folder.path.appending("pid")
    var command = sh("echo $$; sleep 1000")
    command.output = .file(file)
    let task = Task { [command] in try await command.run() }
    try await eventually("it runs") { contents(of: file)?.hasSuffix("\n") ?? false }
    let process = try #require(contents(of: file)?.split(separator: "\n").first.flatMap { Int32($0) })
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(!isAlive(process))
  }

  @Test func aCancelledThreadKillsItsCommand() async throws {
    let token = CancellationToken(timeout: .milliseconds(200))
    await #expect(throws: CancellationError.self) {
      try await onThread { try token.bound { try sh("sleep 1000").capture() } }
    }
    await #expect(throws: CancellationError.self) {
      try await onThread { try token.bound { try sh("sleep 1000").run() } }
    }
  }

  @Test func manyAtOnceWithAMegabyteEachWay() async throws {
    let count = 50
    let bytes = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<count {
        group.addTask {
          var command = Command("cat")
          command.input = .bytes(bytes)
          return try await command.capture().checked().output == bytes
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }
}
