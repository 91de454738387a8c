internal import CParallel
import Glibc
import ParallelCore

/// All threads that are alive and known, and the one lock over what changes about them.
///
/// One lock for all of them, because a `fork` has to hold it: in the child no other thread is there to
/// release a lock.
final class ThreadRegistry: @unchecked Sendable {
  // Sendable: `contents` and `fork` are touched only with the lock held.

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
  private var fork: Fork?

  /// Runs `body` with the lock held. It must be quick, and must not look at a handle's public properties.
  func withLock<Result>(_ body: (inout Contents) -> Result) -> Result {
    lock.withLock {
      if let fork = fork.take() { contents.leaveOthersBehind(at: fork) }
      return body(&contents)
    }
  }

  private init() {
    contents = Contents(main: .makeMain(number: Self.numberOfMain))
    _ = ThreadHandle.known  // Its slot must be there before a fork looks into it.
    // The registry lives as long as the process, and the handlers find it made: only from here on are they
    // called.
    pthread_atfork(
      { ThreadRegistry.shared.lock.lock() }, { ThreadRegistry.shared.lock.unlock() },
      { ThreadRegistry.shared.beginChild() })
  }

  private static let numberOfMain: UInt64 = 1

  /// In the child, where only the calling thread is left. The rest is done at the next use: here, not all of
  /// the runtime is known to work.
  private func beginChild() {
    fork = Fork(survivor: .known, number: parallel_thread_number())
    lock.unlock()
  }
}

/// Which thread called `fork`: the child's only one.
private struct Fork {
  var survivor: ThreadHandle?
  var number: UInt64
}

extension ThreadRegistry.Contents {
  fileprivate mutating func leaveOthersBehind(at fork: Fork) {
    for thread in threads.values { thread.state.phase = .leftBehind }
    let main = fork.survivor ?? .makeMain(number: fork.number)
    main.state.phase = .running
    main.state.nativeID = getpid()
    self = ThreadRegistry.Contents(main: main)
  }
}

extension ThreadHandle {
  fileprivate static func makeMain(number: UInt64) -> ThreadHandle {
    ThreadHandle(running: number, name: "main", nativeID: getpid(), isDaemon: false)
  }
}
