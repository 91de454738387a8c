package import ParallelCore

/// A thread that runs one closure and keeps its result.
///
/// ```swift
/// let thread = try WorkerThread.start(name: "sum") { numbers.reduce(0, +) }
/// let sum = try thread.join()             // in a task: try await thread.join()
/// ```
///
/// It is for work that blocks or computes for long; a Swift task shares its few threads with all others and
/// must do neither. The thread keeps running when nobody holds the object any more.
///
/// **Its end.** When the body throws, the process's hook is told first, see ``UncaughtThreadError``. Then the
/// thread's ``ThreadLocal`` values are destroyed, then it is no longer listed in ``ThreadHandle/all``, then
/// joins return.
///
/// **Cancellation.** ``cancel()`` asks the body to end: blocking waits of this package in it throw
/// `CancellationError`. A body that lets that error out ends in silence.
///
/// **The end of the process.** A normal end, by returning from `main` or by `exit`, waits for all threads
/// that are not daemons, also for those that are started while it waits. What calls `exit` on such a thread
/// waits for the others. `_exit`, a signal, a trap and `exec` wait for nobody. A thread that a daemon starts
/// after the wait is over ends with the process, at any point. Two threads must not call `exit` at once, by
/// the rules of C.
///
/// **Fork.** In the child of a plain `fork` only the calling thread is there. To join another one is a
/// misuse.
///
/// The corresponding C functions are `pthread_create` and `pthread_join`.
public final class WorkerThread<Value: Sendable>: Sendable {
  /// What is known of this thread, without its result.
  public let handle: ThreadHandle

  package var cancellationSource: CancellationSource { handle.cancellationSource }

  let options: ThreadOptions
  let work: Guarded<ThreadWork<Value>>

  /// Makes a thread that is not started.
  ///
  /// - Parameters:
  ///   - name: Shown by debuggers and `ps -L`, which know its first 15 bytes; "Thread-N" by default, N being
  ///     its number.
  ///   - stackSize: In bytes, at least the system's minimum (16 KiB); nil takes the process's default
  ///     (`ulimit -s`, usually 8 MiB). Memory is taken only as the stack is used.
  ///   - isDaemon: Whether the process ends without waiting for it. By default it is a daemon if the thread
  ///     that makes it is a `WorkerThread` that is one, else not. This can't be changed later.
  ///   - niceness: How willingly it leaves the processor to others: -20 (not at all) to 19; nil inherits. A
  ///     number below that of the thread that starts it needs the privilege for it (`CAP_SYS_NICE`).
  ///   - processors: The numbers of the processors it may run on; nil inherits. The kernel leaves out those
  ///     that are not there, as long as one is.
  ///   - body: What it runs. It is released on the thread, before anybody is told of the end.
  public init(
    name: String? = nil, stackSize: Int? = nil, isDaemon: Bool? = nil, niceness: Int? = nil,
    processors: Set<Int>? = nil, body: @escaping @Sendable () throws -> Value
  ) {
    handle = ThreadHandle(name: name, isDaemon: isDaemon ?? ThreadHandle.makesDaemons)
    options = ThreadOptions(stackSize: stackSize, niceness: niceness, processors: processors)
    work = Guarded(.toDo(body))
  }

  /// Makes a thread and starts it. For the parameters see
  /// ``init(name:stackSize:isDaemon:niceness:processors:body:)``, for the errors ``start()``.
  @discardableResult
  public static func start(
    name: String? = nil, stackSize: Int? = nil, isDaemon: Bool? = nil, niceness: Int? = nil,
    processors: Set<Int>? = nil, body: @escaping @Sendable () throws -> Value
  ) throws(ParallelError) -> WorkerThread {
    let thread = WorkerThread(
      name: name, stackSize: stackSize, isDaemon: isDaemon, niceness: niceness, processors: processors,
      body: body)
    try thread.start()
    return thread
  }
}

/// What a thread has to do, and what came of it.
enum ThreadWork<Value: Sendable>: Sendable {
  case toDo(@Sendable () throws -> Value)
  case underWay
  case done(Result<Value, any Error>)
}
