internal import CParallel
import Glibc
import Synchronization
internal import SystemPackage

/// A thread of the operating system that runs one closure and ends.
///
/// Join it once to wait for its end; a thread that nobody joined is detached when the last reference goes.
///
/// ```swift
/// let thread = try NativeThread.start(name: "reactor") { loop.run() }
/// loop.stop()
/// thread.join()
/// ```
///
/// The corresponding C function is `pthread_create`.
package final class NativeThread: Sendable {
  private let handle: pthread_t
  private let isJoined = Atomic<Bool>(false)

  private init(handle: pthread_t) { self.handle = handle }

  /// Starts a thread that runs `body`.
  ///
  /// - Parameters:
  ///   - name: Shown by debuggers and `ps -L`; the kernel keeps its first 15 bytes.
  ///   - stackSize: In bytes; nil takes the process's default (`ulimit -s`, usually 8 MiB, committed as it is used).
  ///   - processors: The numbers of those it may run on, each below 1,024; nil inherits its creator's.
  ///   - receivesSignals: Whether the process's signals may be handled on this thread. A thread of the package's own
  ///     keeps out of the user's handlers: it blocks all signals but those that report a fault of its own code, and `SIGUSR1`.
  ///   - body: What the thread runs.
  /// - Throws: `ParallelError` with the code `system` and the `Errno`: `resourceTemporarilyUnavailable` at the limit
  ///   of threads or memory, `invalidArgument` for a stack size below the system's minimum, or when none of the
  ///   processors is there.
  package static func start(
    name: String, stackSize: Int? = nil, processors: Set<Int>? = nil, receivesSignals: Bool = false,
    _ body: @escaping @Sendable () -> Void
  ) throws(ParallelError) -> NativeThread {
    var attributes = pthread_attr_t()
    try check(pthread_attr_init(&attributes), name)
    defer { pthread_attr_destroy(&attributes) }
    if let stackSize { try check(pthread_attr_setstacksize(&attributes, stackSize), name) }
    if let processors {
      let numbers = processors.map { CInt(clamping: $0) }
      try check(parallel_set_processors(&attributes, numbers, numbers.count), name)
    }

    let start = Unmanaged.passRetained(ThreadStart(name: name, body: body))
    var handle = pthread_t()
    let status = withSignalMask(receivesSignals: receivesSignals) {
      pthread_create(&handle, &attributes, threadMain, start.toOpaque())
    }
    if status != 0 { start.release() }
    try check(status, name)
    return NativeThread(handle: handle)
  }

  /// Waits until the thread has ended. Call it at most once, and not on the thread itself: both trap.
  package func join() {
    precondition(!isJoined.exchange(true, ordering: .relaxed), "a thread can be joined only once")
    let status = pthread_join(handle, nil)
    precondition(status == 0, "pthread_join failed: \(Errno(rawValue: status))")
  }

  deinit {
    if !isJoined.load(ordering: .relaxed) { pthread_detach(handle) }
  }

  private static func check(_ status: CInt, _ name: String) throws(ParallelError) {
    guard status != 0 else { return }
    throw ParallelError(
      .system, "the thread '\(name)' could not be started", underlying: Errno(rawValue: status))
  }

  /// A new thread inherits its creator's mask, so the mask is in place before the thread runs its first instruction.
  private static func withSignalMask(receivesSignals: Bool, _ create: () -> CInt) -> CInt {
    if receivesSignals { return create() }
    var blocked = sigset_t()
    var previous = sigset_t()
    sigfillset(&blocked)
    for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS] { sigdelset(&blocked, fault) }
    // The runtime stops all threads with it while it makes a backtrace, and complains of those it can't stop.
    sigdelset(&blocked, SIGUSR1)
    pthread_sigmask(SIG_SETMASK, &blocked, &previous)
    defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
    return create()
  }
}

/// What a new thread is given; it owns this object.
private final class ThreadStart: Sendable {
  let name: String
  let body: @Sendable () -> Void

  init(name: String, body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }
}

private func threadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  // Retained by `start` for exactly this call, and never null: pthread_create passes on what it was given.
  let start = Unmanaged<ThreadStart>.fromOpaque(argument!).takeRetainedValue()
  SystemCalls.nameCurrentThread(start.name)
  start.body()
  return nil
}
