import ParallelCommands
import Testing

/// A script for `sh`.
func sh(_ script: String, _ arguments: String...) -> Command {
  Command("/bin/sh", ["-c", script, "sh"] + arguments)
}

/// The error that `body` throws, which must be a `CommandError`.
func commandError<R>(_ body: () async throws -> R) async throws -> CommandError {
  do {
    _ = try await body()
  } catch let error as CommandError {
    return error
  }
  throw NoError()
}

struct NoError: Error {}

extension CommandError {
  /// A reason in a form that can be compared.
  var kind: String { String(describing: reason) }
}
