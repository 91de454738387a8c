internal import CParallel
import Glibc
import ParallelCore

/// All threads that are alive and known, and the one lock over what changes about them.
///
/// One lock for all of them, because a `fork` has to hold it: in the child no other thread is there to
/// release a lock.
final class ThreadRegistry: @unchecked Sendable {
  // Sendable: everything but the lock is touched only with the lock held.

  static let shared = ThreadRegistry()

  struct Contents {
    var main: ThreadHandle
    var threads: [UInt64: ThreadHandle]

    init(main: ThreadHandle) {
      self.main = main
      threads = [main.number: main]
    }
  }

  private let lock = ParkingLock()
  private var contents: Contents
  /// The thread that is about to call `fork`.
  private var forking: ThreadHandle?
  /// In a child that has not looked at the list yet: its only thread.
  private var survivor: ThreadHandle?

  /// Runs `body` with the lock held. It must be quick, and must not look at a handle's public properties.
  func withLock<Result>(_ body: (inout Contents) -> Result) -> Result {
    lock.withLock {
      if let survivor = survivor.take() { contents.leaveOthersBehind(survivor) }
      return body(&contents)
    }
  }

  private init() {
    contents = Contents(main: .makeMain(number: Self.numberOfMain))
    // A rehearsal that changes nothing: the runtime builds a type where it is met for the first time, under locks that a
    // child may find held.
    contents.leaveOthersBehind(contents.main)
    _ = ThreadHandle.known  // Its slot must be there before a fork looks into it.
    // The registry lives as long as the process, and the handlers find it made: only from here on are they
    // called.
    pthread_atfork(
      { ThreadRegistry.shared.beginFork() }, { ThreadRegistry.shared.endFork(isChild: false) },
      { ThreadRegistry.shared.endFork(isChild: true) })
  }

  private static let numberOfMain: UInt64 = 1

  /// Makes what the child needs while all of the runtime works: in the child, other threads may have left
  /// locks of the runtime behind.
  private func beginFork() {
    let known = ThreadHandle.known
    let new =
      known != nil || ThreadHandle.isMainThread
      ? nil : ThreadHandle.makeMain(number: parallel_thread_number())
    lock.lock()
    forking = known ?? new ?? survivor ?? contents.main
  }

  private func endFork(isChild: Bool) {
    let thread = forking.take()
    if isChild { survivor = thread }
    lock.unlock()
  }
}

extension ThreadRegistry.Contents {
  /// In a child, where only the thread that forked is left: it is the main one now.
  fileprivate mutating func leaveOthersBehind(_ survivor: ThreadHandle) {
    for thread in threads.values { thread.state.phase = .leftBehind }
    survivor.state.phase = .running
    survivor.state.nativeID = getpid()
    self = ThreadRegistry.Contents(main: survivor)
  }
}

extension ThreadHandle {
  fileprivate static func makeMain(number: UInt64) -> ThreadHandle {
    ThreadHandle(running: number, name: "main", nativeID: getpid(), isDaemon: false)
  }
}
