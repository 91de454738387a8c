import Dispatch
import Glibc
import Parallel
import SystemPackage
import TestSupport
import Testing

@MainActor private var mainActorCalls = 0

@MainActor private func countOnMainActor() -> Int {
  mainActorCalls += 1
  return mainActorCalls
}

/// How a task runs: suspensions, the main actor, descriptors.
@Suite(.timeLimit(.minutes(10))) struct TaskRunTests {
  private struct Suspends: WorkerTask {
    var count: Int
    func run() async throws -> Int {
      try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 0..<count {
          group.addTask {
            try await Task.sleep(for: .microseconds(number))
            return number
          }
        }
        return try await group.reduce(0, +)
      }
    }
  }
  private struct AsksMainActor: WorkerTask {
    func run() async -> Int { await countOnMainActor() }
  }
  private struct AsksMainQueue: WorkerTask {
    func run() async -> Bool {
      await withCheckedContinuation { continuation in
        DispatchQueue.main.async { continuation.resume(returning: true) }
      }
    }
  }
  private struct Reads: WorkerTask {
    var file: FileDescriptor
    var path: FilePath
    func run() throws -> String {
      defer { try? file.close() }
      return try text(from: file) + " " + path.string
    }
  }
  private struct Opens: WorkerTask {
    struct Opened: Codable, Sendable { var files: [FileDescriptor] }
    var path: FilePath
    func run() throws -> Opened {
      Opened(files: try (0..<3).map { _ in try FileDescriptor.open(path, .readOnly) })
    }
  }

  @Test(arguments: backends)
  func `a task may suspend and have children`(backend: ProcessPool.Backend) async throws {
    try await withProcessPool(workers: 2, backend: backend) { pool async throws in
      #expect(try await pool.run(Suspends(count: 100)) == 4950)
      #expect(try await pool.map((0..<20).map(Suspends.init)) == (0..<20).map { $0 * ($0 - 1) / 2 })
    }
  }

  @Test func `the main actor and the main queue work in a worker`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      #expect(try await pool.run(AsksMainActor()) == 1)
      #expect(try await pool.run(AsksMainActor()) == 2)
      #expect(try await pool.run(AsksMainQueue()))
    }
    #expect(await MainActor.run { mainActorCalls } == 0)
  }

  @Test(arguments: backends)
  func `descriptors and paths travel in a task`(backend: ProcessPool.Backend) async throws {
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      let (reader, writer) = try FileDescriptor.pipe()
      defer { try? reader.close() }
      try writer.writeAll("through a pipe".utf8)
      try writer.close()
      let text = try await pool.run(Reads(file: reader, path: "/a/b"))
      #expect(text == "through a pipe /a/b")
    }
  }

  @Test(arguments: backends)
  func `descriptors travel in a result`(backend: ProcessPool.Backend) async throws {
    let folder = try TemporaryFolder()
    let path = folder.path.appending("file")
    try SharedLog(path: path).append(12345)
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      let opened = try await pool.run(Opens(path: path))
      #expect(opened.files.count == 3)
      for file in opened.files {
        #expect(try text(from: file) == "12345\n")
        try file.close()
      }
    }
  }

  @Test func `a closed descriptor is refused at submit`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let task = Reads(file: FileDescriptor(rawValue: -1), path: "/")
      #expect(try await refusal { try await pool.run(task) }.code == .coding)
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }
}
