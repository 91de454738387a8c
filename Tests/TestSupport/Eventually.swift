import Glibc

/// Waits for something that no descriptor or future tells of, such as the end of a process that is not our child, by
/// looking again and again. This is the one place where tests poll.
///
/// - Parameters:
///   - what: What is waited for, for the report.
///   - limit: How long it may take on a machine that is busy with other things.
///   - condition: Is it so? Asked some hundred times a second.
/// - Throws: ``NeverCame`` at the end of the time.
package func eventually(
  _ what: String, within limit: Duration = .seconds(600), _ condition: () throws -> Bool
) async throws {
  let end = ContinuousClock.now + limit
  while try !condition() {
    guard ContinuousClock.now < end else { throw NeverCame(what: what, limit: limit) }
    try await Task.sleep(for: .milliseconds(3))
  }
}

/// The same for threads that may block.
@available(*, noasync)
package func eventually(
  _ what: String, within limit: Duration = .seconds(600), _ condition: () throws -> Bool
) throws {
  let end = ContinuousClock.now + limit
  while try !condition() {
    guard ContinuousClock.now < end else { throw NeverCame(what: what, limit: limit) }
    usleep(3_000)
  }
}

/// What `eventually` waited for did not come about.
package struct NeverCame: Error, Codable, CustomStringConvertible {
  package var what: String
  package var limit: Duration

  package var description: String { "not within \(limit): \(what)" }
}
