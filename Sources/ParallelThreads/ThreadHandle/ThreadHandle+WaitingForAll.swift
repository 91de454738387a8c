internal import CParallel
import ParallelCore

extension ThreadHandle {
  /// Waits by blocking the thread until no non-daemon thread that this package started is left, but for the
  /// calling one; false when the time was over first.
  ///
  /// This is what a normal end of the process does; see ``WorkerThread``. Threads that are started meanwhile
  /// are waited for too. Two non-daemon threads that both call it wait for each other.
  ///
  /// - Parameters:
  ///   - timeout: How long to wait at most; nil waits for ever, zero or less looks once.
  ///   - fileID: Where a debug build reports the call if it blocks a thread that Swift tasks share.
  ///   - line: The line in that file.
  /// - Throws: `CancellationError` when the calling thread was cancelled.
  @available(
    *, noasync, message: "this would block a thread that Swift tasks share; await waitForAll(timeout:)"
  )
  @discardableResult
  public static func waitForAll(
    timeout: Duration? = nil, fileID: StaticString = #fileID, line: UInt = #line
  ) throws(CancellationError) -> Bool {
    let deadline = Deadline(timeout: timeout)
    while let thread = nextToWaitFor {
      guard try thread.waitForEnd(until: deadline, fileID: fileID, line: line) else { return false }
    }
    return true
  }

  /// Waits until no non-daemon thread that this package started is left, and suspends the task meanwhile;
  /// false when the time was over first. For the rest see ``waitForAll(timeout:fileID:line:)``.
  ///
  /// - Throws: `CancellationError` when the waiting task was cancelled.
  @discardableResult
  public static func waitForAll(timeout: Duration? = nil) async throws(CancellationError) -> Bool {
    let deadline = Deadline(timeout: timeout)
    while let thread = nextToWaitFor {
      guard try await thread.waitForEnd(until: deadline) else { return false }
    }
    return true
  }

  private static var nextToWaitFor: ThreadHandle? {
    let own = parallel_thread_number()
    return ThreadRegistry.shared.withLock { registry in
      registry.threads.values.first { !$0.isDaemon && $0 !== registry.main && $0.number != own }
    }
  }
}
