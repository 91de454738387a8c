import ParallelCore

/// What happens to an error that ends a thread.
///
/// ```swift
/// UncaughtThreadError.hook = { error, thread in log.error("\(thread.name) failed: \(error)") }
/// ```
///
/// The hook is called once for each thread whose body threw, on that thread, before anybody who joins it is
/// told; the join throws the error all the same. `CancellationError` is not reported: it is how a thread ends
/// on request.
public enum UncaughtThreadError {
  /// What is called with the error, and the thread that it ended.
  public typealias Hook = @Sendable (any Error, ThreadHandle) throws -> Void

  /// The process's hook. When it throws itself, both errors are written to standard error, and the process
  /// goes on.
  ///
  /// May be changed at any time, from any thread; threads that end from then on use the new one.
  public static var hook: Hook {
    get { current.withLock { $0 } }
    set {
      // The old one is let go of outside of the lock.
      let old = current.withLock { hook in
        defer { hook = newValue }
        return hook
      }
      withExtendedLifetime(old) {}
    }
  }

  /// The hook that is in place from the beginning: writes one line to standard error, with the thread's name,
  /// the error's type and its description.
  public static let defaultHook: Hook = { error, thread in
    SystemCalls.report("error: the thread '\(oneLine(thread.name))' ended with \(describe(error))")
  }

  private static let current = Guarded<Hook>(defaultHook)

  /// On the thread that ends.
  static func report(_ error: any Error, of thread: ThreadHandle) {
    if error is CancellationError { return }
    do {
      try hook(error, thread)
    } catch let failure {
      SystemCalls.report(
        """
        error: the hook for uncaught errors threw \(describe(failure)); \
        the thread '\(oneLine(thread.name))' had ended with \(describe(error))
        """)
    }
  }

  private static func describe(_ error: any Error) -> String { oneLine("\(type(of: error)): \(error)") }

  private static func oneLine(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 })
  }
}
