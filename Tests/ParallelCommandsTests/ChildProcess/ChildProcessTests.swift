import Glibc
import ParallelCommands
import ParallelCore
import ParallelThreads
import SystemPackage
import TestSupport
import Testing

@Suite struct ChildProcessTests {
  @Test func waitingAndPolling() async throws {
    let child = try sh("read line; exit 4").with(input: .null).spawn()
    #expect(try await child.wait() == .exited(4))
    #expect(child.poll() == .exited(4) && !child.isRunning)
    #expect(try await child.wait(timeout: .zero) == .exited(4))
    #expect(try await onThread { try child.wait() } == .exited(4))
    #expect(child.usage != nil)
  }

  @Test func aWaitThatIsTooShort() async throws {
    let child = try Command("sleep", ["1000"]).spawn()
    #expect(child.isRunning && child.usage != nil)
    #expect(try await child.wait(timeout: .zero) == nil)
    #expect(try await child.wait(timeout: .milliseconds(20)) == nil)
    #expect(try await onThread { try child.wait(timeout: .milliseconds(20)) } == nil)
    #expect(try child.terminate())
    #expect(try await child.wait() == .signaled(SIGTERM, coreDumped: false))
    #expect(try !child.terminate() && !child.kill())
  }

  @Test func wrongSignals() async throws {
    let child = try Command("sleep", ["1000"]).spawn()
    for number: Int32 in [-1, 999] {
      #expect(throws: ParallelError.self) { try child.signal(number) }
    }
    #expect(try child.signal(0))
    child.killTree()
    #expect(try await child.wait() == .signaled(SIGKILL, coreDumped: false))
    child.killTree()
  }

  @Test func aStoppedChildIsWaitedForAndKilled() async throws {
    let child = try Command("sleep", ["1000"]).spawn()
    try child.signal(SIGSTOP)
    try await eventually("it is stopped") { ProcessEntry(child.processID)?.state == "T" }
    #expect(try await child.wait(timeout: .milliseconds(20)) == nil)
    try child.kill()
    #expect(try await child.wait() == .signaled(SIGKILL, coreDumped: false))
  }

  @Test func aCancelledWaitLeavesTheChildAlone() async throws {
    let child = try Command("sleep", ["1000"]).spawn()
    let task = Task { try await child.wait() }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(child.isRunning)
    try child.kill()
    try await child.wait()
  }

  @Test func aDroppedChildIsReaped() async throws {
    let process = try sh("exit 0").spawn().processID
    try await eventually("nothing is left of it") { ProcessEntry(process)?.parent != getpid() }
  }

  @Test func killTreeReachesChildrenInSessionsOfTheirOwn() async throws {
    let folder = try TemporaryFolder()
    let file = folder.path.appending("pids")
    var command = sh("setsid sh -c 'echo $$; sleep 1000 & echo $!; wait' & sleep 1000 & echo $!; wait")
    command.output = .file(file)
    let child = try command.spawn()
    try await eventually("all run") { contents(of: file)?.split(separator: "\n").count == 3 }
    let all = try #require(contents(of: file)).split(separator: "\n").compactMap { Int32($0) }
    child.killTree()
    #expect(try await child.wait() == .signaled(SIGKILL, coreDumped: false))
    try await eventually("all are gone") { !all.contains(where: isAlive) }
  }

  /// Two ways in which a program takes its children's statuses itself.
  @Test func statusesThatSomebodyElseTakes() async {
    await #expect(processExitsWith: .success) {
      _ = Glibc.signal(SIGCHLD, SIG_IGN)
      for _ in 0..<20 {
        let status = try? await sh("exit 5").run()
        precondition(status == .exited(5) || status == .unknown)
        let child = try? sh("exit 6").spawn()
        let later = try? await child?.wait()
        precondition(later == .exited(6) || later == .unknown)
      }
    }
    await #expect(processExitsWith: .success) {
      // As long as this one runs, the thief has somebody to wait for.
      let companion = try? Command("sleep", ["1000"]).spawn()
      let thief = try? NativeThread.start(name: "thief") {
        while waitpid(-1, nil, 0) != companion?.processID {}
      }
      for _ in 0..<20 {
        let status = try? await sh("exit 5").run()
        precondition(status == .exited(5) || status == .unknown)
      }
      companion?.killTree()
      thief?.join()
    }
  }

  @Test func failedStartsLeaveNothingBehind() async {
    await #expect(processExitsWith: .success) {
      func fail() async {
        _ = try? Command("/no/such/program").spawn()
        _ = try? await Command("true", in: "/no/such/folder").capture()
        var command = Command("no-such-program-at-all")
        command.input = .bytes([1])
        _ = try? await command.run()
      }
      for _ in 0..<20 { await fail() }
      let before = ResourceCount.now
      for _ in 0..<333 { await fail() }
      precondition(ResourceCount.now.isWithin(before), "\(openFiles())")
    }
  }
}

extension Command {
  fileprivate func with(input: CommandInput) -> Command {
    var result = self
    result.input = input
    return result
  }
}
