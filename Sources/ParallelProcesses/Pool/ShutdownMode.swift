/// What a pool that is shut down does with the tasks it has.
public enum ShutdownMode: Sendable, Hashable {
  /// All tasks are finished, those that wait included.
  case drain
  /// Tasks that a worker has begun are finished; those that wait fail with `CancellationError`.
  case cancelPending
  /// Workers are killed at once; all unfinished tasks fail with `CancellationError`.
  case terminate
}
