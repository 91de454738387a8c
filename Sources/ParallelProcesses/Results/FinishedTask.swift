/// One of many tasks, with what came of it.
///
/// ```swift
/// for try await item in pool.results(of: tasks) {
///   if case .failure(let error) = item.result { print("task \(item.index): \(error)") }
/// }
/// ```
public struct FinishedTask<Input: WorkerTask>: Sendable {
  /// The task's place among the tasks, from 0.
  public var index: Int
  /// The task itself.
  public var input: Input
  /// What came of it.
  public var result: Result<Input.Output, any Error>
}
