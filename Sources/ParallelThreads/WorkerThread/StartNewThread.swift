public import ParallelCore

/// Starts a thread that nobody waits for: neither a join nor the end of the process.
///
/// ```swift
/// try startNewThread(name: "heartbeat") {
///   while true { try beat() }
/// }
/// ```
///
/// An error that the body throws goes to the process's hook; see ``UncaughtThreadError``. To wait for the
/// thread or to have its result, use ``WorkerThread``.
///
/// The corresponding C functions are `pthread_create` and `pthread_detach`.
///
/// - Parameters:
///   - name: Shown by debuggers and `ps -L`, which know its first 15 bytes; "Thread-N" by default.
///   - stackSize: In bytes, at least the system's minimum (16 KiB); nil takes the process's default.
///   - body: What it runs.
/// - Returns: What is known of the thread.
/// - Throws: ``ParallelError`` with the code `system` and the `Errno` when the system refuses the thread.
@discardableResult
public func startNewThread(
  name: String? = nil, stackSize: Int? = nil, _ body: @escaping @Sendable () throws -> Void
) throws(ParallelError) -> ThreadHandle {
  try WorkerThread.start(name: name, stackSize: stackSize, isDaemon: true, body: body).handle
}
