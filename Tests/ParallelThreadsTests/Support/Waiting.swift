import ParallelCore
import ParallelThreads
import TestSupport
import Testing

extension WaitRoom {
  /// Waits until so many threads and tasks stand in line.
  func hasInLine(_ count: Int) async throws {
    try await eventually("\(count) in line") { read { $1.count } == count }
  }
}

/// Calls what is not for tasks, and does not block, from an asynchronous test.
func synchronously<R, Failure: Error>(_ body: () throws(Failure) -> R) throws(Failure) -> R { try body() }

/// What an exit test's process had to say.
func standardError(of result: ExitTest.Result?) -> String {
  String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
}

/// Whether `call` ended because it was cancelled.
func isCancelled(_ call: () throws -> some Any) throws -> Bool {
  do {
    _ = try call()
    return false
  } catch is CancellationError {
    return true
  }
}

/// The same for tasks.
func isCancelled(_ call: () async throws -> some Any) async throws -> Bool {
  do {
    _ = try await call()
    return false
  } catch is CancellationError {
    return true
  }
}

/// The code of the error that `call` throws; nil if it throws none.
func failure(of call: () throws -> some Any) throws -> ParallelError.Code? {
  do {
    _ = try call()
    return nil
  } catch let error as ParallelError {
    return error.code
  }
}

struct Mishap: Error, Equatable {
  var number = 0
}

/// The same for tasks.
func failureOfTask(_ call: () async throws -> some Any) async throws -> ParallelError.Code? {
  do {
    _ = try await call()
    return nil
  } catch let error as ParallelError {
    return error.code
  }
}
