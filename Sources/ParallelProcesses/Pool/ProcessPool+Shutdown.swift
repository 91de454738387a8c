import ParallelCore

extension ProcessPool {
  /// Ends the pool and waits until no worker is left and their output is written.
  ///
  /// From the call on the pool takes no more tasks. Calling it again is allowed, also with a sterner mode.
  /// With a `timeout` it stops waiting then and returns false; the shutdown goes on. Throws `CancellationError` when
  /// the calling Swift task is cancelled; the shutdown goes on then, too.
  @discardableResult
  public func shutdown(_ mode: ShutdownMode = .drain, timeout: Duration? = nil) async throws -> Bool {
    try await engine.shutDown(mode).wait(timeout: timeout)
  }

  /// Ends the pool and blocks the calling thread until no worker is left and their output is written.
  ///
  /// With a `timeout` it stops waiting then and returns false; the shutdown goes on.
  @available(*, noasync)
  @discardableResult
  public func shutdown(
    _ mode: ShutdownMode = .drain, timeout: Duration? = nil, fileID: StaticString = #fileID,
    line: UInt = #line
  ) -> Bool {
    engine.shutDown(mode).wait(timeout: timeout, fileID: fileID, line: line)
  }
}

/// Runs `body` with a pool that ends with it: after an ordinary return all submitted tasks are finished first, after an
/// error they are cancelled.
///
/// ```swift
/// let totals = try await withProcessPool(workers: 4) { pool in
///   try await pool.map(files.map(CountWords.init))
/// }
/// ```
///
/// The parameters are those of ``ProcessPool``. Throws what `body` throws, and what creating the pool throws.
@discardableResult
public func withProcessPool<Result>(
  workers: Int? = nil, setup: (any WorkerSetup)? = nil, environment: WorkerEnvironment = .inherited,
  options: WorkerOptions = WorkerOptions(), policy: PoolPolicy = PoolPolicy(), maxPending: Int? = nil,
  whenFull: ProcessPool.WhenFull = .wait, backend: ProcessPool.Backend = .processes,
  _ body: (ProcessPool) async throws -> Result
) async throws -> Result {
  let pool = try ProcessPool(
    workers: workers, setup: setup, environment: environment, options: options, policy: policy,
    maxPending: maxPending,
    whenFull: whenFull, backend: backend)
  let result: Result
  do {
    result = try await body(pool)
  } catch {
    // In a task of its own: a cancelled one could not wait, and nothing may be left behind.
    await Task { _ = try? await pool.shutdown(.terminate) }.value
    throw error
  }
  await Task { _ = try? await pool.shutdown() }.value
  return result
}
