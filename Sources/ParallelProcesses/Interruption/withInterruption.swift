import ParallelCore
import ParallelFutures

/// Runs `body`, which a first Ctrl-C or `SIGTERM` brings to a graceful end, and a second one to a sudden one.
///
/// ```swift
/// @main struct Thumbnails {
///   static func main() async throws {
///     var finished = 0
///     do {
///       try await withProcessPool { pool in
///         try await withInterruption(of: pool) {
///           for try await _ in pool.results(of: tasks) { finished += 1 }
///         }
///       }
///     } catch let interruption as Interruption {
///       print("interrupted: \(finished) of \(tasks.count) are done")
///       interruption.endProcess()
///     }
///   }
/// }
/// ```
///
/// **The first** `SIGINT` or `SIGTERM` shuts the pools down and cancels the calling Swift task, which stays cancelled.
/// When the body has ended, and no worker is left, this throws ``Interruption``, whatever the body returned or threw; the
/// program says what it has to say, and calls ``Interruption/endProcess()``. Signals that come within 200 ms of the first
/// count as the same.
///
/// **The second** ends the process at once, by the signal that came first; its workers are killed with it. That works
/// whatever the program is doing. As process 1 of a container the exit status is 128 + the signal.
///
/// Outside of such scopes signals do what they did: the handlers are installed by the first scope and put back by the last.
/// Scopes may nest and run at the same time; a signal interrupts them all, and one that begins in an interrupted process
/// is interrupted at once. A signal that is ignored when the first scope begins stays ignored, as in programs that a
/// shell's script starts with `&`. A thread must be there that has the signals not blocked, as usually the main one.
///
/// - Parameters:
///   - pools: What is shut down.
///   - mode: How they are shut down. With `.cancelPending` tasks that have begun are finished.
///   - limit: How long that may take until the workers are killed; nil for as long as it takes.
///   - cancelsTask: Whether the calling Swift task is cancelled. Where it is not, the body is to find out from the pools'
///     answers or ``Interruption/isUnderWay``; it can still collect the results of the tasks that were running.
///   - body: What to do meanwhile.
/// - Returns: What `body` returns.
/// - Throws: What `body` throws; ``Interruption``; ``ParallelError`` with the code `system` when the signals can't be
///   watched.
public func withInterruption<Result>(
  of pools: ProcessPool..., by mode: ShutdownMode = .cancelPending, limit: Duration? = nil,
  cancelsTask: Bool = true, _ body: () async throws -> Result
) async throws -> Result {
  let task = CurrentTask()
  let scope = InterruptionScope(pools, by: mode, limit: limit) { if cancelsTask { task.cancel() } }
  try InterruptionCenter.shared.enter(scope)
  let outcome: Swift.Result<Result, any Error>
  do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
  guard let signal = InterruptionCenter.shared.leave(scope) else { return try outcome.get() }
  // In a task of its own: a cancelled one could not wait.
  await Task { for pool in scope.pools { _ = try? await pool.wait() } }.value
  scope.finish()
  throw Interruption(signal: signal, underlying: outcome.error)
}

/// Runs `body` on the calling thread, which a first Ctrl-C or `SIGTERM` brings to a graceful end, and a second one to a
/// sudden one.
///
/// The twin for programs without `async` of the function of the same name: instead of cancelling a Swift task, the first
/// signal ends the thread's blocking waits with `CancellationError`, as a `CancellationToken` does to which it is bound.
///
/// - Parameters:
///   - pools: What is shut down.
///   - mode: How they are shut down. With `.cancelPending` tasks that have begun are finished.
///   - limit: How long that may take until the workers are killed; nil for as long as it takes.
///   - cancelsWaits: Whether the thread's blocking waits end.
///   - body: What to do meanwhile.
/// - Returns: What `body` returns.
/// - Throws: What `body` throws; ``Interruption``; ``ParallelError`` with the code `system` when the signals can't be
///   watched.
@available(*, noasync)
public func withInterruption<Result>(
  of pools: ProcessPool..., by mode: ShutdownMode = .cancelPending, limit: Duration? = nil,
  cancelsWaits: Bool = true, _ body: () throws -> Result
) throws -> Result {
  let source = CancellationSource()
  let outer = CancellationSource.current
  let observation = outer?.observe { source.cancel() }
  if outer?.isCancelled == true { source.cancel() }
  defer { if let observation { outer?.forget(observation) } }

  let scope = InterruptionScope(pools, by: mode, limit: limit) { if cancelsWaits { source.cancel() } }
  try InterruptionCenter.shared.enter(scope)
  let outcome = Swift.Result { try source.bound(body) }
  guard let signal = InterruptionCenter.shared.leave(scope) else { return try outcome.get() }
  for pool in scope.pools { pool.wait() }
  scope.finish()
  throw Interruption(signal: signal, underlying: outcome.error)
}

/// The task that runs a scope, as who ends it needs it.
private struct CurrentTask: @unchecked Sendable {
  // Sendable, and used outside of the closure that it comes from: it is only ever cancelled, which any thread may do, and
  // it holds a reference to its task. A cancellation that comes late hits a task that was interrupted anyway.
  private let task = withUnsafeCurrentTask { $0 }

  func cancel() { task?.cancel() }
}

extension Result where Failure == any Error {
  fileprivate var error: (any Error)? {
    if case .failure(let error) = self { error } else { nil }
  }
}
