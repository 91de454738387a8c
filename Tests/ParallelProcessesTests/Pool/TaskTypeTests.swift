public import Parallel
import Testing

/// What a library might offer.
public struct PublicTask: WorkerTask {
  var text: String
  /// Answers.
  public func run() -> String { "public \(text)" }
}
private struct PrivateTask: WorkerTask {
  var text: String
  func run() async -> String {
    await Task.yield()
    return "private \(text)"
  }
}
fileprivate struct FileTask: WorkerTask {
  var text: String
  func run() throws -> String { "file \(text)" }
}
private enum EnumTask: WorkerTask {
  case shout(String)
  case silence
  indirect case twice(EnumTask)

  func run() -> String {
    switch self {
    case .shout(let text): text.uppercased()
    case .silence: ""
    case .twice(let task): task.run() + task.run()
    }
  }
}
private final class ClassTask: WorkerTask {
  let text: String
  init(text: String) { self.text = text }
  func run() -> String { "class \(text)" }
}
private struct Generic<Element: Codable & Sendable & Comparable>: WorkerTask {
  var elements: [Element]
  func run() -> Element? { elements.max() }
}
private struct PrivateKey: Codable, Sendable, Comparable {
  var number: Int
  static func < (a: PrivateKey, b: PrivateKey) -> Bool { a.number < b.number }
}
struct Enclosing<T: Codable & Sendable> {
  struct Inner: WorkerTask {
    var value: T
    func run() -> [T] { [value, value] }
  }
}

/// Whatever kind of type a task is, it travels.
@Suite(.timeLimit(.minutes(10))) struct TaskTypeTests {
  private struct Nested: WorkerTask {
    var text: String
    func run() -> String { "nested \(text)" }
  }

  @Test(arguments: backends)
  func `any visibility travels`(backend: ProcessPool.Backend) async throws {
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      #expect(try await pool.run(PublicTask(text: "a")) == "public a")
      #expect(try await pool.run(PrivateTask(text: "b")) == "private b")
      #expect(try await pool.run(FileTask(text: "c")) == "file c")
      #expect(try await pool.run(Nested(text: "d")) == "nested d")
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }

  @Test(arguments: backends)
  func `enums and classes are tasks too`(backend: ProcessPool.Backend) async throws {
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      #expect(try await pool.run(EnumTask.shout("a")) == "A")
      #expect(try await pool.run(EnumTask.silence) == "")
      #expect(try await pool.run(EnumTask.twice(.twice(.shout("b")))) == "BBBB")
      #expect(try await pool.run(ClassTask(text: "c")) == "class c")
    }
  }

  @Test(arguments: backends)
  func `generic tasks travel with their arguments`(backend: ProcessPool.Backend) async throws {
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      #expect(try await pool.run(Generic(elements: [1, 3, 2])) == 3)
      #expect(try await pool.run(Generic(elements: ["a", "c"])) == "c")
      #expect(try await pool.run(Generic(elements: [PrivateKey(number: 7)]))?.number == 7)
      #expect(try await pool.run(Generic<PrivateKey>(elements: [])) == nil)
      #expect(try await pool.run(Enclosing<Int>.Inner(value: 1)) == [1, 1])
      #expect(try await pool.run(Enclosing<PrivateKey>.Inner(value: PrivateKey(number: 2))).count == 2)
    }
  }

  @Test(arguments: backends)
  func `a task that is declared in a function travels`(backend: ProcessPool.Backend) async throws {
    struct Local: WorkerTask {
      struct Answer: Codable, Sendable, Equatable { var number: Int }
      var number: Int
      func run() -> Answer { Answer(number: number * 2) }
    }
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      #expect(try await pool.run(Local(number: 21)) == Local.Answer(number: 42))
      #expect(try await pool.run(Generic(elements: [[1], [2]].map(\.count))) == 1)
    }
  }

  @Test func `types of several pools do not get mixed up`() async throws {
    try await withProcessPool(workers: 1) { first async throws in
      try await withProcessPool(workers: 1) { second async throws in
        #expect(try await second.run(ClassTask(text: "x")) == "class x")
        #expect(try await first.run(Nested(text: "y")) == "nested y")
        #expect(try await second.run(Nested(text: "z")) == "nested z")
        #expect(try await first.run(ClassTask(text: "w")) == "class w")
      }
    }
  }
}
