import Glibc
import ParallelCore
import SystemPackage
import Testing

@Suite struct SpawnedProcessTests {
  @Test(arguments: [0, 1, 7, 127, 255] as [Int32]) func exitCodes(code: Int32) throws {
    #expect(try SpawnPlan.shell("exit \(code)").run().status == .exited(code))
  }

  @Test(arguments: [SIGKILL, SIGTERM, SIGABRT, SIGSEGV]) func signalsWithoutACore(signal: Int32) throws {
    let status = try SpawnPlan.shell("ulimit -c 0; kill -\(signal) $$").run().status
    #expect(status == .signaled(signal, coreDumped: false))
  }

  @Test func aCoreIsReported() throws {
    let pattern = String(
      decoding: try readToEnd(FileDescriptor.open("/proc/sys/kernel/core_pattern", .readOnly)), as: UTF8.self)
    // Elsewhere a program gets the core, or it lands in a folder of the system's.
    guard pattern == "core\n" else { return }
    var template = Array("/tmp/parallel-core-XXXXXX\0".utf8CString)
    let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    defer {
      if let files = opendir(folder) {
        while let entry = readdir(files) {
          let name = withUnsafePointer(to: &entry.pointee.d_name.0) { String(cString: $0) }
          unlink("\(folder)/\(name)")
        }
        closedir(files)
      }
      rmdir(folder)
    }
    var plan = SpawnPlan.shell("ulimit -c unlimited && echo unlimited; kill -ABRT $$")
    plan.workingDirectory = FilePath(folder)
    let (output, status) = try plan.run()
    if output.isEmpty { return }
    #expect(status == .signaled(SIGABRT, coreDumped: true))
  }

  @Test func reapingDoesNotWaitAndWorksOnce() throws {
    let (readEnd, writeEnd) = try SystemCalls.pipe()
    defer { SystemCalls.close(readEnd) }
    var plan = SpawnPlan.shell("read line; exit 4")
    plan.descriptors = [0: readEnd]
    let child = try plan.spawn()
    defer { SystemCalls.close(child.pidfd) }
    #expect(child.reap() == nil)
    SystemCalls.close(writeEnd)
    SystemCalls.waitForInput(child.pidfd)
    let end = try #require(child.reap())
    #expect(end.status == .exited(4))
    #expect(try #require(end.usage).peakMemory > 0)
    // Taken; a system that still knows it says so.
    #expect([.unknown, .exited(4)].contains(child.reap()?.status))
  }

  @Test func aStatusThatSomebodyElseTookIsTheKernelsOrUnknown() throws {
    let child = try SpawnPlan.shell("exit 4").spawn()
    defer { SystemCalls.close(child.pidfd) }
    while waitpid(child.pid, nil, 0) != child.pid {}
    let end = try #require(child.reap())
    #expect([.unknown, .exited(4)].contains(end.status))
    #expect(end.usage == nil)
    // Nobody is there any more: not an error, and nobody else is hit.
    child.killGroup()
  }

  @Test func timesAndMemoryAreThoseOfTheChild() throws {
    let child = try SpawnPlan.shell("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done").spawn()
    SystemCalls.waitForInput(child.pidfd)
    let usage = try #require(child.reap()?.usage)
    SystemCalls.close(child.pidfd)
    #expect(usage.cpuTime > .zero)
    #expect(usage.cpuTime == usage.userTime + usage.systemTime)
    #expect(usage.peakMemory > 100 << 10)
  }

  @Test func killGroupEndsGrandchildren() throws {
    try expectDeathOfGrandchild("sleep 1000 & echo started; wait", leaderEndsFirst: false)
  }

  @Test func killGroupEndsGrandchildrenOfALeaderThatHasEnded() throws {
    try expectDeathOfGrandchild("sleep 1000 & echo started", leaderEndsFirst: true)
  }

  /// The grandchild holds the pipe open: its end is the end of the stream.
  private func expectDeathOfGrandchild(_ script: String, leaderEndsFirst: Bool) throws {
    let (readEnd, writeEnd) = try SystemCalls.pipe()
    defer { SystemCalls.close(readEnd) }
    var plan = SpawnPlan.shell(script)
    plan.leadsProcessGroup = true
    plan.descriptors = [1: writeEnd]
    let child = try plan.spawn()
    SystemCalls.close(writeEnd)
    var bytes = [UInt8](repeating: 0, count: 8)
    #expect(try bytes.withUnsafeMutableBytes { try SystemCalls.read(readEnd, into: $0) } == 8)
    if leaderEndsFirst { SystemCalls.waitForInput(child.pidfd) }
    child.killGroup()
    #expect(try readToEnd(readEnd) == [])
    let expected: ParallelCore.ProcessExitStatus =
      leaderEndsFirst ? .exited(0) : .signaled(SIGKILL, coreDumped: false)
    #expect(child.waitForEnd() == expected)
  }
}
