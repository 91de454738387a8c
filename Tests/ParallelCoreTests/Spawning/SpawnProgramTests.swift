import Glibc
import ParallelCore
import SystemPackage
import TestSupport
import Testing

/// What else a program finds: arguments, environment, folder, group, signals.
@Suite struct SpawnProgramTests {
  private static let oddStrings: [[UInt8]] = [
    [], Array("a b".utf8), [0xFF, 0xFE, 0x80], Array("'\"$`\\".utf8), Array("line\nline".utf8),
    Array("Zeichen äöü 🦫".utf8), [], [UInt8](repeating: UInt8(ascii: "x"), count: 100_000),
  ]

  @Test func argumentsArriveByteForByte() throws {
    // The colon keeps the shell from becoming the last program itself.
    var plan = SpawnPlan.shell("cat /proc/$$/cmdline; :")
    plan.arguments += Self.oddStrings
    #expect(try plan.run().output == Array(plan.arguments.map { $0 + [0] }.joined()))
  }

  @Test func theEnvironmentArrivesByteForByte() throws {
    var plan = SpawnPlan.shell("cat /proc/$$/environ; :")
    plan.environment = [Array("PATH=/usr/bin:/bin".utf8), Array("EMPTY=".utf8), [0x41, 0x3D, 0xFF, 0x80]]
    plan.environment += Self.oddStrings
    #expect(try plan.run().output == Array(plan.environment.map { $0 + [0] }.joined()))
  }

  @Test func anEmptyEnvironmentIsEmpty() throws {
    var plan = SpawnPlan.shell("/bin/cat /proc/$$/environ; :")
    plan.environment = []
    #expect(try plan.run().output == [])
  }

  @Test func startsInItsFolder() throws {
    var plan = SpawnPlan(path: "/bin/pwd", arguments: [Array("pwd".utf8), Array("-P".utf8)], environment: [])
    plan.workingDirectory = "/usr/lib"
    #expect(try plan.lines() == ["/usr/lib"])
    plan.workingDirectory = nil
    var own = [CChar](repeating: 0, count: Int(PATH_MAX))
    #expect(getcwd(&own, own.count) != nil)
    #expect(try plan.lines() == [own.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }])
  }

  @Test func aRelativeProgramIsLookedUpInItsFolder() throws {
    var plan = SpawnPlan(
      path: "bin/echo", arguments: [Array("echo".utf8), Array("here".utf8)], environment: [])
    plan.workingDirectory = "/usr"
    #expect(try plan.lines() == ["here"])
  }

  @Test(arguments: [true, false]) func leadsAGroupOnlyIfAsked(leads: Bool) throws {
    var plan = SpawnPlan.shell("echo $$; cat /proc/$$/stat; :")
    plan.leadsProcessGroup = leads
    let lines = try plan.lines()
    let group = try #require(lines.last?.split(separator: ")").last?.split(separator: " ").dropFirst(2).first)
    #expect(String(group) == (leads ? lines[0] : "\(getpgrp())"))
  }

  @Test func signalsAreUnblockedAndAtTheirDefaults() throws {
    let lines = Guarded<[String]>([])
    let previous = signal(SIGPIPE, SIG_IGN)
    defer { signal(SIGPIPE, previous) }
    try onThreads(1) { _ in
      var mask = sigset_t()
      sigfillset(&mask)
      pthread_sigmask(SIG_SETMASK, &mask, nil)
      let status = SpawnPlan(
        path: "/bin/cat", arguments: [Array("cat".utf8), Array("/proc/self/status".utf8)], environment: [])
      let found = try status.lines()
      lines.withLock { $0 = found }
      var after = sigset_t()
      pthread_sigmask(SIG_SETMASK, nil, &after)
      #expect(sigismember(&after, SIGUSR1) == 1, "the thread's own mask is as it was")
    }
    for field in ["SigPnd", "SigBlk", "SigIgn", "SigCgt"] {
      #expect(lines.withLock { $0 }.contains("\(field):\t0000000000000000"), "\(field)")
    }
  }

  /// The child borrows the parent's memory instead of copying it.
  @Test func muchMemoryInTheParentDoesNotMatter() throws {
    let size = 1 << 30
    let memory = try SystemCalls.mapPrivate(size: size)
    defer { SystemCalls.unmap(memory) }
    for offset in stride(from: 0, to: size, by: 4096) { memory[offset] = 1 }
    let start = Deadline.now.nanoseconds
    for _ in 0..<20 { #expect(try SpawnPlan.shell("exit 3").run().status == .exited(3)) }
    print("SpawnProgramTests: \((Deadline.now.nanoseconds - start) / 20_000) µs a child beside 1 GiB")
    #expect(memory[size - 4096] == 1)
  }
}
