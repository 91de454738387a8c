import Glibc
import ParallelCore
import SystemPackage
import Testing

/// What the system grants a program: niceness, processors, limits, privileges, the mode of new files.
@Suite struct SpawnGrantTests {
  /// A program's lines in `/proc/self/<name>` that begin with `prefix`.
  private func lines(
    of name: String, beginningWith prefix: String, _ change: (inout SpawnPlan) -> Void
  ) throws -> [String] {
    var plan = SpawnPlan(
      path: "/bin/cat", arguments: [Array("cat".utf8), Array("/proc/self/\(name)".utf8)], environment: [])
    change(&plan)
    return try plan.lines().filter { $0.hasPrefix(prefix) }
  }

  private func expectFailure(
    _ step: SpawnError.Step, _ errno: Errno, saying text: String,
    sourceLocation: SourceLocation = #_sourceLocation, _ change: (inout SpawnPlan) -> Void
  ) {
    var plan = SpawnPlan.shell(":")
    change(&plan)
    do {
      _ = try plan.spawn().waitForEnd()
      Issue.record("it was started", sourceLocation: sourceLocation)
    } catch {
      #expect(error.step == step, sourceLocation: sourceLocation)
      #expect(error.errno == errno, sourceLocation: sourceLocation)
      #expect(
        error.publicError.message.contains(text), "\(error.publicError)", sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: [0, 5, 19]) func niceness(value: Int) throws {
    // Never lower than this process's own: that would need a privilege.
    let own = Int(getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0))
    let expected = max(own, value)
    let stat = try lines(of: "stat", beginningWith: "") { $0.niceness = expected }
    let fields = try #require(stat.first?.split(separator: ")").last).split(separator: " ")
    #expect(Int(fields[16]) == expected)
    #expect(Int(getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)) == own)
  }

  @Test func processors() throws {
    let usable = SystemCalls.permittedProcessors
    for number in [usable.first!, usable.last!] {
      let found = try lines(of: "status", beginningWith: "Cpus_allowed_list:") { $0.processors = [number] }
      #expect(found == ["Cpus_allowed_list:\t\(number)"])
    }
    // Those that are not there do not count.
    let found = try lines(of: "status", beginningWith: "Cpus_allowed_list:") {
      $0.processors = [usable.first!, 8191]
    }
    #expect(found == ["Cpus_allowed_list:\t\(usable.first!)"])
    #expect(SystemCalls.permittedProcessors == usable)
  }

  @Test(arguments: [[], [8191], [-1], [1 << 40]] as [Set<Int>]) func processorsThatAreNone(set: Set<Int>) {
    expectFailure(.processors, .invalidArgument, saying: "\(set.sorted())") { $0.processors = set }
  }

  @Test func limits() throws {
    let limits = try lines(of: "limits", beginningWith: "Max ") { plan in
      plan.resourceLimits = [
        .openFiles: ResourceLimit(soft: 20, hard: 30), .coreSize: .at(0),
        .cpuTime: ResourceLimit(soft: 7, hard: nil),
        .fileSize: .at(1 << 20),
      ]
    }.map { $0.split(separator: " ").filter { $0 != "bytes" && $0 != "files" && $0 != "seconds" } }
    func values(_ name: String) -> [Substring]? {
      limits.first { $0.dropFirst().prefix(2).joined(separator: " ").hasPrefix(name) }.map {
        Array($0.suffix(2))
      }
    }
    #expect(values("open") == ["20", "30"])
    #expect(values("core") == ["0", "0"])
    #expect(values("cpu") == ["7", "unlimited"])
    #expect(values("file") == ["1048576", "1048576"])
  }

  /// A limit of the number of descriptors is not in the way of placing them.
  @Test func descriptorsComeBeforeTheirLimit() throws {
    var plan = SpawnPlan.shell("echo here >&9")
    plan.resourceLimits = [.openFiles: .at(8)]
    let (readEnd, writeEnd) = try SystemCalls.pipe()
    defer { SystemCalls.close(readEnd) }
    plan.descriptors = [9: writeEnd]
    let child = try plan.spawn()
    SystemCalls.close(writeEnd)
    #expect(try readToEnd(readEnd) == Array("here\n".utf8))
    _ = child.waitForEnd()
  }

  @Test func limitsThatCannotBe() {
    expectFailure(.resourceLimit(.openFiles), .invalidArgument, saying: "30, at most 20 for open files") {
      $0.resourceLimits = [
        .openFiles: ResourceLimit(soft: 30, hard: 20), .coreSize: .at(0), .cpuTime: .at(9),
      ]
    }
    let unknown = LimitedResource(rawValue: 99)
    expectFailure(.resourceLimit(unknown), .invalidArgument, saying: "1 for resource 99") {
      $0.resourceLimits = [unknown: .at(1), .coreSize: .at(0)]
    }
    // More than the kernel lets anybody have.
    expectFailure(.resourceLimit(.openFiles), .notPermitted, saying: "open files") {
      $0.resourceLimits = [.openFiles: .at(.max)]
    }
  }

  @Test func noNewPrivileges() throws {
    let own = try lines(of: "status", beginningWith: "NoNewPrivs:") { _ in }
    #expect(
      try lines(of: "status", beginningWith: "NoNewPrivs:") { $0.allowsNewPrivileges = false } == [
        "NoNewPrivs:\t1"
      ])
    #expect(try lines(of: "status", beginningWith: "NoNewPrivs:") { _ in } == own)
  }

  @Test(arguments: [0o000, 0o027, 0o777] as [CModeT]) func theModeOfNewFiles(mask: CModeT) throws {
    let found = try lines(of: "status", beginningWith: "Umask:") {
      $0.fileModeMask = FilePermissions(rawValue: mask)
    }
    let digits = String(mask, radix: 8)
    #expect(found == ["Umask:\t" + String(repeating: "0", count: 4 - digits.count) + digits])
  }

  /// The order of the steps: each is reached only when those before it went well.
  @Test func stepsComeInTheirOrder() {
    let missing = FilePath("/nowhere")
    expectFailure(.processors, .invalidArgument, saying: "[]") {
      $0.processors = []
      $0.resourceLimits = [.openFiles: ResourceLimit(soft: 2, hard: 1)]
      $0.workingDirectory = missing
    }
    expectFailure(.resourceLimit(.openFiles), .invalidArgument, saying: "2, at most 1") {
      $0.resourceLimits = [.openFiles: ResourceLimit(soft: 2, hard: 1)]
      $0.workingDirectory = missing
    }
    expectFailure(.workingDirectory, .noSuchFileOrDirectory, saying: "/nowhere") {
      $0.workingDirectory = missing
      $0.path = missing
    }
  }
}
