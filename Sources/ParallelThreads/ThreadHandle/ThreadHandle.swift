internal import CParallel
package import ParallelCore

/// What is known of a thread, whoever started it.
///
/// ```swift
/// print(ThreadHandle.current.name)
/// for thread in ThreadHandle.all where thread.isAlive { print(thread) }
/// ```
///
/// Two handles are equal when they are of the same thread.
///
/// Source: POSIX threads; the kernel's own list is `/proc/self/task`.
public final class ThreadHandle: @unchecked Sendable {
  // Sendable: all but `state` is immutable or guards itself, and `state` is touched only with the lock of the
  // `ThreadRegistry` held.

  /// The thread's number. No other thread of this process has it, had it or will have it; the main thread's
  /// is 1.
  public let number: UInt64

  /// Whether the process ends without waiting for this thread.
  ///
  /// False for the main thread. True for every thread that this package did not start: nobody waits for
  /// those.
  public let isDaemon: Bool

  /// Whether a `WorkerThread` stands behind it.
  let wasStartedHere: Bool

  package let cancellationSource = CancellationSource()

  var state: ThreadState
  let life: WaitRoom<ThreadLife>

  /// A thread that is to be started, and is called "Thread-N" where it has no name.
  init(name: String?, isDaemon: Bool) {
    number = parallel_reserve_thread_number()
    wasStartedHere = true
    self.isDaemon = isDaemon
    state = ThreadState(name: name ?? "Thread-\(number)", phase: .unstarted)
    life = WaitRoom(ThreadLife())
  }

  /// A thread that runs already.
  init(running number: UInt64, name: String, nativeID: Int32, isDaemon: Bool) {
    self.number = number
    wasStartedHere = false
    self.isDaemon = isDaemon
    state = ThreadState(name: name, phase: .running, nativeID: nativeID)
    life = WaitRoom(ThreadLife(hasBegun: true))
  }
}

extension ThreadHandle: Hashable {
  /// Whether both are of the same thread.
  public static func == (left: ThreadHandle, right: ThreadHandle) -> Bool { left === right }

  /// Mixes the thread's identity into a hash.
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension ThreadHandle: CustomStringConvertible {
  /// The name and the number.
  public var description: String { "thread '\(name)' (number \(number))" }
}
