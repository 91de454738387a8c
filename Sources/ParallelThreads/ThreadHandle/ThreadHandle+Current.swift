internal import CParallel
import Glibc
import ParallelCore

extension ThreadHandle {
  /// The calling thread's handle.
  ///
  /// A thread that this package did not start gets one when it asks, and keeps it until it ends; from then on
  /// it is listed in ``all``. A Swift task may go on on another thread after each `await`.
  ///
  /// The corresponding C function is `pthread_self`.
  public static var current: ThreadHandle { known ?? adopt() }

  /// The main thread's handle: of the thread that runs `main`, or of the one that called `fork`, in its
  /// child.
  ///
  /// It counts as alive as long as the process lives, also where its thread has ended before:
  /// `dispatchMain()` and an asynchronous `main` end it, on Linux.
  public static var main: ThreadHandle { ThreadRegistry.shared.withLock { $0.main } }

  /// All threads that are alive and known: those that this package started, the main thread, and others that
  /// have asked for ``current``. In the order of their numbers.
  ///
  /// In the child of a plain `fork` that is the thread that called it, and nobody else.
  public static var all: [ThreadHandle] {
    ThreadRegistry.shared.withLock { Array($0.threads.values) }.sorted { $0.number < $1.number }
  }

  /// The calling thread's handle, if it has one.
  static var known: ThreadHandle? {
    // Unretained, and alive: the slot owns a reference until the thread ends.
    pthread_getspecific(slot).map { Unmanaged<ThreadHandle>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Makes this the calling thread's handle, up to its end.
  func becomeCurrent() {
    pthread_setspecific(Self.slot, Unmanaged.passRetained(self).toOpaque())
  }

  private static func adopt() -> ThreadHandle {
    let handle = isMainThread ? main : listForeignThread()
    handle.becomeCurrent()
    return handle
  }

  static var isMainThread: Bool { SystemCalls.currentThreadID == getpid() }

  private static func listForeignThread() -> ThreadHandle {
    let handle = ThreadHandle(
      running: parallel_thread_number(), name: SystemCalls.currentThreadName,
      nativeID: SystemCalls.currentThreadID, isDaemon: true)
    ThreadRegistry.shared.withLock { $0.threads[handle.number] = handle }
    return handle
  }

  private static let slot: pthread_key_t = ThreadSlot.makeKey { pointer in
    guard let pointer else { return }
    // The thread is at its end. One that this package started has finished already, unless something called
    // `pthread_exit` on it. The C library has emptied the slot; values that go may look at it still.
    pthread_setspecific(slot, pointer)
    ThreadLocalTable.destroyValues()
    pthread_setspecific(slot, nil)
    // The slot's own reference.
    let handle = Unmanaged<ThreadHandle>.fromOpaque(pointer).takeRetainedValue()
    // The main thread is listed as long as the process lives, whether or not it asked for its handle.
    if handle !== main { handle.finish() }
  }
}
