#if DEBUG
  import Glibc
  package import SystemPackage
  import Synchronization

  /// Makes system calls fail on demand, in debug builds, so that tests reach the branches that handle it.
  package enum FaultInjection {
    /// Which threads a fault hits.
    package enum Scope: Sendable {
      /// The thread that injects it.
      case thisThread
      /// Every thread, for calls that the reactor makes.
      case everyThread
    }

    private struct Fault {
      var name: SystemCalls.Name
      var errno: Errno
      var skip: Int
      var times: Int
      var thread: pthread_t?
    }

    private static let faults = Guarded<[Fault]>([])
    // Keeps the ordinary path at one load.
    private static let count = Atomic<Int>(0)

    /// Runs `body` while the call `name` fails with `errno` for `times` times, after `skip` calls that work.
    ///
    /// One test at a time may inject into `everyThread`.
    package static func inject<Result>(
      _ errno: Errno, into name: SystemCalls.Name, skip: Int = 0, times: Int = 1, scope: Scope = .thisThread,
      while body: () throws -> Result
    ) rethrows -> Result {
      let thread = scope == .thisThread ? pthread_self() : nil
      faults.withLock { $0.append(Fault(name: name, errno: errno, skip: skip, times: times, thread: thread)) }
      count.add(1, ordering: .sequentiallyConsistent)
      defer {
        count.subtract(1, ordering: .sequentiallyConsistent)
        faults.withLock { $0.removeAll { $0.name == name && $0.thread == thread } }
      }
      return try body()
    }

    static func fault(in name: SystemCalls.Name) -> Errno? {
      guard count.load(ordering: .relaxed) > 0 else { return nil }
      return faults.withLock { faults in
        let thread = pthread_self()
        guard let index = faults.firstIndex(where: { $0.name == name && ($0.thread ?? thread) == thread })
        else {
          return nil
        }
        if faults[index].skip > 0 {
          faults[index].skip -= 1
          return nil
        }
        guard faults[index].times > 0 else { return nil }
        faults[index].times -= 1
        return faults[index].errno
      }
    }
  }
#endif
