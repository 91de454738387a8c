import Parallel
import TestSupport
import Testing

struct VisibleError: Error, Codable, Equatable {
  var code: Int
}
private enum PrivateError: Error, Codable, Equatable {
  case plain
  case loaded(text: String, numbers: [Double])
}
struct GenericError<Value: Codable & Sendable & Equatable>: Error, Codable, Equatable {
  var value: Value
}
/// From a worker no generic type is taken by its place, and this one has no name.
private struct HiddenGenericError<Value: Codable & Sendable>: Error, Codable {
  var value: Value
}
private struct Opaque: Error, CustomStringConvertible {
  var text: String
  var description: String { "opaque \(text)" }
}
/// Can be encoded, but says no at the other end.
private struct OneWay: Error, Codable {
  struct No: Error {}
  init() {}
  init(from decoder: any Decoder) throws { throw No() }
  func encode(to encoder: any Encoder) throws {}
}
/// Says no already in the worker.
private struct NoWay: Error, Codable {
  func encode(to encoder: any Encoder) throws { throw Opaque(text: "no") }
}

/// Errors of tasks at their callers.
@Suite(.timeLimit(.minutes(10))) struct TaskErrorTests {
  private enum Which: String, Codable {
    case visible, plain, loaded, generic, hiddenGeneric, opaque, oneWay, noWay, cancelled
  }

  private struct Throws: WorkerTask {
    var which: Which
    func run() throws -> Int {
      switch which {
      case .visible: throw VisibleError(code: 42)
      case .plain: throw PrivateError.plain
      case .loaded: throw PrivateError.loaded(text: "ü", numbers: [1.5, -0.0])
      case .generic: throw GenericError(value: [VisibleError(code: 1)])
      case .opaque: throw Opaque(text: "stone")
      case .oneWay: throw OneWay()
      case .noWay: throw NoWay()
      case .hiddenGeneric: throw HiddenGenericError(value: 1)
      case .cancelled: throw CancellationError()
      }
    }
  }

  @Test(arguments: backends)
  func `a Codable error arrives as itself`(backend: ProcessPool.Backend) async throws {
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      await #expect(throws: VisibleError(code: 42)) { try await pool.run(Throws(which: .visible)) }
      #expect(try await pool.run(Add(a: 1)) == 2)
    }
  }

  @Test(arguments: backends)
  func `a private Codable error arrives as itself`(backend: ProcessPool.Backend) async throws {
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      await #expect(throws: PrivateError.plain) { try await pool.run(Throws(which: .plain)) }
      await #expect(throws: PrivateError.loaded(text: "ü", numbers: [1.5, -0.0])) {
        try await pool.run(Throws(which: .loaded))
      }
    }
  }

  @Test(arguments: backends)
  func `a generic Codable error arrives as itself`(backend: ProcessPool.Backend) async throws {
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      await #expect(throws: GenericError(value: [VisibleError(code: 1)])) {
        try await pool.run(Throws(which: .generic))
      }
    }
  }

  @Test(arguments: backends)
  func `another error arrives by name and description`(backend: ProcessPool.Backend) async throws {
    try await withProcessPool(workers: 1, backend: backend) { pool async throws in
      let worker = try await pool.run(ProcessID())
      let failure = try await failure { try await pool.run(Throws(which: .opaque)) }
      guard case .threw(let error) = failure.reason else { throw failure }
      #expect(error.typeName.hasSuffix("Opaque") && error.typeName.hasPrefix("ParallelProcessesTests"))
      #expect(error.message == "opaque stone")
      #expect(error.worker == worker)
      #expect(failure.task.hasSuffix("TaskErrorTests.Throws"))
      #expect(failure.description.contains("opaque stone"))
      #expect(try await pool.run(ProcessID()) == worker)
    }
  }

  @Test func `an error that does not survive the journey arrives by name`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      for (which, name) in [
        (Which.oneWay, "OneWay"), (.noWay, "NoWay"), (.hiddenGeneric, "HiddenGenericError<Swift.Int>"),
      ] {
        let failure = try await failure { try await pool.run(Throws(which: which)) }
        guard case .threw(let error) = failure.reason else { throw failure }
        #expect(error.typeName.hasSuffix(name), "\(error)")
      }
    }
  }

  @Test func `the standard library's cancellation is told from the pool's own`() async throws {
    try await withProcessPool(workers: 1) { pool async throws in
      let failure = try await failure { try await pool.run(Throws(which: .cancelled)) }
      guard case .threw(let error) = failure.reason else { throw failure }
      #expect(error.typeName == "Swift.CancellationError")
    }
  }

  @Test func `an error costs no worker, also in great numbers`() async throws {
    try await withProcessPool(workers: 2) { pool async throws in
      let before = Set(pool.workerProcessIDs)
      let futures = (0..<500).map { _ in pool.submit(Throws(which: .plain)) }
      for future in futures { await #expect(throws: PrivateError.plain) { try await future.value } }
      #expect(Set(pool.workerProcessIDs) == before)
    }
  }
}
