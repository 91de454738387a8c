import Glibc
import Parallel
import SystemPackage
import TestSupport
import Testing

/// What the system grants workers.
@Suite(.timeLimit(.minutes(10))) struct WorkerOptionsTests {
  private struct Surroundings: WorkerTask {
    struct Answer: Codable, Sendable {
      var folder: String, niceness: Int32, processors: String, noNewPrivileges: String
    }

    func run() -> Answer {
      let status = (contents(of: "/proc/self/status") ?? "").split(separator: "\n")
      func field(_ name: String) -> String {
        status.first { $0.hasPrefix(name) }?.split(separator: "\t").last.map(String.init) ?? ""
      }
      var folder = [CChar](repeating: 0, count: Int(PATH_MAX))
      return Answer(
        folder: getcwd(&folder, folder.count).map { String(cString: $0) } ?? "",
        niceness: getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0),
        processors: field("Cpus_allowed_list:"), noNewPrivileges: field("NoNewPrivs:"))
    }
  }

  private struct Limits: WorkerTask {
    func run() -> [Int] {
      [RLIMIT_NOFILE, RLIMIT_CORE].flatMap { resource -> [Int] in
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(resource.rawValue), &limit)
        return [Int(limit.rlim_cur), Int(limit.rlim_max)]
      }
    }
  }

  private struct FillMemory: WorkerTask {
    func run() -> Int {
      var blocks: [[UInt8]] = []
      while true { blocks.append([UInt8](repeating: 1, count: 64 << 20)) }
    }
  }

  private static func surroundings(_ options: WorkerOptions) async throws -> Surroundings.Answer {
    try await withProcessPool(workers: 1, options: options) { try await $0.run(Surroundings()) }
  }

  @Test func `without options a worker is as this process`() async throws {
    let found = try await Self.surroundings(WorkerOptions()), own = Surroundings().run()
    #expect(found.folder == own.folder)
    #expect(found.niceness == own.niceness)
    #expect(found.processors == own.processors)
    #expect(found.noNewPrivileges == own.noNewPrivileges)
  }

  @Test func `each option takes effect`() async throws {
    let niceness = max(7, Surroundings().run().niceness)
    let found = try await Self.surroundings(
      WorkerOptions(
        workingDirectory: "/usr/lib", niceness: Int(niceness), processors: .only([Self.permitted[0]]),
        allowsNewPrivileges: false))
    #expect(found.folder == "/usr/lib")
    #expect(found.niceness == niceness)
    #expect(found.processors == "\(Self.permitted[0])")
    #expect(found.noNewPrivileges == "1")
  }

  @Test func `limits take effect`() async throws {
    let options = WorkerOptions(resourceLimits: [
      .openFiles: ResourceLimit(soft: 60, hard: 80), .coreSize: .at(0),
    ])
    try await withProcessPool(workers: 1, options: options) { pool async throws in
      #expect(try await pool.run(Limits()) == [60, 80, 0, 0])
    }
  }

  /// The sanitizer's own memory is beyond any limit.
  @Test(.enabled(if: !isThreadSanitized)) func `a limit of memory ends the worker alone`() async throws {
    let options = WorkerOptions(resourceLimits: [.addressSpace: .at(4 << 30), .coreSize: .at(0)])
    try await withProcessPool(workers: 1, environment: .withoutBacktraces, options: options) {
      pool async throws in
      _ = try await crash { try await pool.run(FillMemory()) }
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }

  @Test func `a relative folder is that of the time when the pool is made`() async throws {
    let own = Surroundings().run().folder
    let found = try await Self.surroundings(WorkerOptions(workingDirectory: "."))
    #expect(found.folder == own)
  }

  // MARK: One processor each

  private static let permitted: [Int] = {
    // "0-1,4"
    Surroundings().run().processors.split(separator: ",").flatMap { range -> [Int] in
      let ends = range.split(separator: "-").compactMap { Int($0) }
      return Array(ends[0]...ends[ends.count - 1])
    }
  }()

  @Test func `each worker has a processor of its own, and its successor the same`() async throws {
    let count = Self.permitted.count
    try await withProcessPool(
      workers: count, environment: .withoutBacktraces, options: WorkerOptions(processors: .oneEach)
    ) { pool async throws in
      func processors() -> [Int] {
        pool.workerProcessIDs.compactMap { worker in
          contents(of: FilePath("/proc/\(worker)/status"))?.split(separator: "\n")
            .first { $0.hasPrefix("Cpus_allowed_list:") }?.split(separator: "\t").last.flatMap { Int($0) }
        }.sorted()
      }
      #expect(processors() == Self.permitted)
      for _ in 0..<3 {
        _ = try await crash { try await pool.run(Crash(kind: .killsItself)) }
        try await eventually("all workers are there") { pool.workerProcessIDs.count == count }
        #expect(processors() == Self.permitted)
      }
    }
  }

  // MARK: Refusals

  @Test(arguments: [
    (WorkerOptions(niceness: -21), "-21"), (WorkerOptions(niceness: 20), "20"),
    (WorkerOptions(processors: .only([])), "at least one processor"),
    (WorkerOptions(processors: .only([-1])), "-1"), (WorkerOptions(processors: .only([8192])), "8192"),
    (WorkerOptions(resourceLimits: [.openFiles: .at(-1)]), "open files"),
    (WorkerOptions(resourceLimits: [.coreSize: ResourceLimit(soft: 2, hard: 1)]), "core size"),
    (WorkerOptions(resourceLimits: [.coreSize: ResourceLimit(soft: nil, hard: 1)]), "core size"),
    (WorkerOptions(workingDirectory: "/nowhere/at all"), "/nowhere/at all"),
    (WorkerOptions(workingDirectory: "/etc/passwd"), "/etc/passwd"),
    (WorkerOptions(workingDirectory: ""), "''"),
  ]) func `what is known to be wrong is refused`(options: WorkerOptions, text: String) async throws {
    let error = try await refusal { try ProcessPool(workers: 1, options: options) }
    #expect(error.code == .invalidArgument)
    #expect(error.message.contains(text), "\(error)")
  }

  @Test(arguments: [
    (WorkerOptions(processors: .only([8191])), Errno.invalidArgument, "processors [8191]"),
    (WorkerOptions(resourceLimits: [.openFiles: .at(.max)]), .notPermitted, "for open files"),
    (WorkerOptions(resourceLimits: [LimitedResource(rawValue: 77): .at(1)]), .invalidArgument, "resource 77"),
  ]) func `what the system refuses is named`(options: WorkerOptions, errno: Errno, text: String) async throws
  {
    let error = try await refusal { try ProcessPool(workers: 1, options: options) }
    #expect(error.code == .workerStart)
    let step = try #require(error.underlying as? ParallelError)
    #expect(step.message.contains(text), "\(step)")
    #expect(step.underlying as? Errno == errno)
  }

  @Test func `threads take no options`() async throws {
    let error = try await refusal {
      try ProcessPool(workers: 1, options: WorkerOptions(niceness: 1), backend: .inProcess)
    }
    #expect(error.code == .unsupported)
  }
}
