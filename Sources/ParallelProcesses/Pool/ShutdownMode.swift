/// What a pool that is shut down does with the tasks it has.
///
/// A worker that has nothing left to do ends by itself, as a program does: it waits for the threads that its tasks have
/// started, daemons excepted. What has not ended after five seconds is killed.
///
/// ```swift
/// try await pool.shutdown()                                  // drain, however long it takes
/// try await pool.shutdown(.drain(deadline: .seconds(30)))    // what is not finished by then is cancelled
/// ```
public struct ShutdownMode: Sendable, Hashable {
  enum Kind: Sendable, Hashable {
    case drain, cancelPending, terminate
  }

  let kind: Kind
  /// When draining becomes terminating, from the call on; nil: never.
  let deadline: Duration?

  private init(_ kind: Kind, deadline: Duration? = nil) {
    self.kind = kind
    self.deadline = deadline
  }

  /// All tasks are finished, those that wait included, and those that wait for their next attempt.
  public static let drain = ShutdownMode(.drain)

  /// All tasks are finished as in ``drain``; those that are not when the time has passed fail with `CancellationError`,
  /// and their workers are killed. Zero or less terminates at once.
  public static func drain(deadline: Duration) -> ShutdownMode { ShutdownMode(.drain, deadline: deadline) }

  /// Tasks that a worker has begun are finished; those that wait fail with `CancellationError`.
  public static let cancelPending = ShutdownMode(.cancelPending)

  /// Workers are killed at once; all unfinished tasks fail with `CancellationError`.
  public static let terminate = ShutdownMode(.terminate)
}
