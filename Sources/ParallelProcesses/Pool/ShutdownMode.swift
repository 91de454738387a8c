/// What a pool that is shut down does with the tasks it has.
///
/// A worker that has nothing left to do ends by itself, as a program does: it waits for the threads that its tasks have
/// started, daemons excepted. What has not ended after five seconds is killed.
public enum ShutdownMode: Sendable, Hashable {
  /// All tasks are finished, those that wait included.
  case drain
  /// Tasks that a worker has begun are finished; those that wait fail with `CancellationError`.
  case cancelPending
  /// Workers are killed at once; all unfinished tasks fail with `CancellationError`.
  case terminate
}
