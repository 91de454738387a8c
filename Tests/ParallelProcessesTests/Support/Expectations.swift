import Parallel
import Testing

/// The failure that a call must end in.
func failure<T>(
  sourceLocation: SourceLocation = #_sourceLocation, of body: () async throws -> T
) async throws -> WorkerFailure {
  do {
    let value = try await body()
    Issue.record("no failure but \(value)", sourceLocation: sourceLocation)
  } catch let failure as WorkerFailure {
    return failure
  } catch {
    Issue.record("no WorkerFailure but \(type(of: error)): \(error)", sourceLocation: sourceLocation)
  }
  throw Unexpected()
}

/// The report of the crash that a call must end in.
func crash<T>(
  sourceLocation: SourceLocation = #_sourceLocation, of body: () async throws -> T
) async throws -> CrashReport {
  let failure = try await failure(sourceLocation: sourceLocation, of: body)
  return try #require(failure.crashReport, "\(failure)", sourceLocation: sourceLocation)
}

/// The library's error that a call must end in.
func refusal<T>(
  sourceLocation: SourceLocation = #_sourceLocation, of body: () async throws -> T
) async throws -> ParallelError {
  do {
    let value = try await body()
    Issue.record("no error but \(value)", sourceLocation: sourceLocation)
  } catch let error as ParallelError {
    return error
  } catch {
    Issue.record("no ParallelError but \(type(of: error)): \(error)", sourceLocation: sourceLocation)
  }
  throw Unexpected()
}

/// Ends a test whose failure was recorded.
struct Unexpected: Error {}
