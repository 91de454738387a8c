/// Something that happened in a pool; see ``ProcessPool/events(buffer:)``. Later versions may add cases.
public enum PoolEvent: Sendable {
  /// A worker's process exists.
  case workerStarted(Int32)
  /// A worker is ready for tasks.
  case workerReady(Int32)
  /// A worker has ended because the pool told it to.
  case workerRetired(Int32)
  /// A worker has died, or was killed.
  case workerDied(CrashReport)
  /// A task is run again after a pause.
  case taskRetried(TaskEvent, attempt: Int, after: Duration)
  /// A task has failed for good, for another reason than an error that it threw.
  case taskFailed(TaskEvent, any Error)
  /// So many events were dropped here, because nobody took them.
  case missed(Int)
}

/// The task of which an event speaks.
public struct TaskEvent: Sendable, Hashable {
  /// The name of the task's type.
  public var task: String
  /// What its options call it.
  public var label: String?

  init(_ item: PoolItem) {
    task = item.type.name
    label = item.control?.options.label
  }
}
