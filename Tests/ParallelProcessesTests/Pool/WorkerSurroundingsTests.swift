import Glibc
import Parallel
import SystemPackage
import TestSupport
import Testing

/// What a task finds around itself: environment, arguments, standard input.
@Suite(.timeLimit(.minutes(10))) struct WorkerSurroundingsTests {
  private struct Environment: WorkerTask {
    func run() -> [String: String] {
      var variables: [String: String] = [:]
      for line in (contents(of: "/proc/self/environ") ?? "").split(separator: "\0") {
        let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        // What the process was started with may have been changed since: the C library knows the values of now.
        if let value = getenv(String(parts[0])) { variables[String(parts[0])] = String(cString: value) }
      }
      return variables
    }
  }
  /// What `env` prints when a task starts it.
  private struct EnvironmentOfChild: WorkerTask {
    func run() throws -> String { try outputOfProgram("/usr/bin/env", []) }
  }
  private struct Arguments: WorkerTask {
    func run() -> [String] { CommandLine.arguments }
  }
  private struct StandardInput: WorkerTask {
    func run() throws -> String { try text(from: .standardInput) }
  }
  private struct OpenDescriptors: WorkerTask {
    func run() -> [Int] { names(in: "/proc/self/fd").compactMap { Int($0) }.sorted() }
  }

  @Test func `the environment is inherited`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let variables = try await pool.run(Environment())
      for name in ["PATH", "HOME"] {
        #expect(variables[name] == getenv(name).map { String(cString: $0) })
      }
    }
  }

  @Test func `the environment can be limited and changed`() async throws {
    let environment = WorkerEnvironment.only(["PATH"]).setting("PARALLEL_TEST", to: "a=b c")
      .setting("EMPTY", to: "").setting("PARALLEL_WORKERS", to: "5")
    try await withProcessPool(workers: 1, environment: environment) { pool async throws in
      let expected = [
        "PATH": getenv("PATH").map { String(cString: $0) } ?? "", "PARALLEL_TEST": "a=b c", "EMPTY": "",
        "PARALLEL_WORKERS": "5",
      ]
      #expect(try await pool.run(Environment()) == expected)
      let lines = try await pool.run(EnvironmentOfChild()).split(separator: "\n").map(String.init)
      #expect(Set(lines) == Set(expected.map { "\($0)=\($1)" }))
    }
  }

  @Test func `a variable of this process can be replaced`() async throws {
    try await withProcessPool(workers: 1, environment: .inherited.setting("HOME", to: "/nowhere")) {
      pool async throws in
      #expect(try await pool.run(Environment())["HOME"] == "/nowhere")
    }
  }

  @Test func `neither tasks nor their children see what makes a worker`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let own = getenv("SWIFT_BACKTRACE").map { String(cString: $0) }
      let variables = try await pool.run(Environment())
      #expect(variables["SWIFT_PARALLEL_ROLE"] == nil)
      #expect(variables["SWIFT_BACKTRACE"] == own)
      let lines = try await pool.run(EnvironmentOfChild())
      #expect(!lines.contains("SWIFT_PARALLEL_ROLE"))
      #expect(lines.contains("SWIFT_BACKTRACE=") == (own != nil))
    }
  }

  @Test func `an own SWIFT_BACKTRACE is what tasks see`() async throws {
    try await withProcessPool(workers: 1, environment: .withoutBacktraces) { pool async throws in
      #expect(try await pool.run(Environment())["SWIFT_BACKTRACE"] == "enable=no")
    }
  }

  @Test(arguments: [("", "x"), ("A=B", "x"), ("A\0B", "x"), ("A", "x\0y")])
  func `an impossible variable is refused`(name: String, value: String) async throws {
    let environment = WorkerEnvironment.inherited.setting(name, to: value)
    let error = try await refusal { try ProcessPool(workers: 1, environment: environment) }
    #expect(error.code == .invalidArgument)
  }

  @Test func `the arguments are the program's`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      #expect(try await pool.run(Arguments()) == CommandLine.arguments)
    }
  }

  @Test func `the standard input is empty`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      #expect(try await pool.run(StandardInput()) == "")
    }
  }

  @Test func `no descriptor of this process gets into a worker`() async throws {
    // Without close-on-exec on purpose.
    let (reader, writer) = try FileDescriptor.pipe()
    defer { for end in [reader, writer] { try? end.close() } }
    // A number that no worker of a few descriptors comes to by itself, and that nobody here has.
    let high = FileDescriptor(rawValue: fcntl(reader.rawValue, F_DUPFD, 500))
    defer { try? high.close() }
    try await withProcessPool(workers: 1) { pool async throws in
      let open = try await pool.run(OpenDescriptors())
      // Three standard streams, lane, lifeline, doorbell, what wakes the lane's thread, and the folder itself; Dispatch
      // may have a few of its own.
      #expect(high.rawValue >= 500 && !open.contains(Int(high.rawValue)))
      #expect(open.count <= 16, "\(open)")
    }
  }
}
