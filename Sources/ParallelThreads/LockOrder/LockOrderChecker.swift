#if DEBUG || LockOrderChecks
  internal import CParallel
  import Glibc
  import ParallelCore
  import Synchronization

  /// The process's one graph of lock orders, and the way from it to the report handler.
  enum LockOrderChecker {
    static let isOn = Atomic<Bool>(getenv("PARALLEL_LOCK_ORDER").map { String(cString: $0) } == "1")

    private static let graph = Guarded(LockGraph())
    private static let lastNumber = Atomic<UInt64>(0)
    /// Where a thread was reported to wait for itself.
    private static let selfDeadlocks = Guarded<Set<LockOrder.Site>>([])
    /// The threads that are inside the report handler.
    private static let reporters = Guarded<Set<UInt64>>([])

    static func nextNumber() -> UInt64 { lastNumber.add(1, ordering: .relaxed).newValue }

    static func willTake(_ lock: UInt64, at site: LockOrder.Site) {
      let thread = parallel_thread_number()
      for report in graph.withLock({ $0.willTake(lock, thread, at: site) }) { deliver(report, thread) }
    }

    static func took(_ lock: UInt64, _ thread: UInt64, at site: LockOrder.Site) {
      graph.withLock { $0.took(lock, thread, at: site) }
    }

    static func gaveBack(_ lock: UInt64, _ thread: UInt64) { graph.withLock { $0.gaveBack(lock, thread) } }

    static func forget(_ lock: UInt64, heldBy thread: UInt64?) {
      graph.withLock { graph in
        if let thread { graph.gaveBack(lock, thread) }
        graph.forget(lock)
      }
    }

    static func waitsForItself(_ edge: LockOrder.Edge) {
      guard selfDeadlocks.withLock({ $0.insert(edge.acquiredAt).inserted }) else { return }
      deliver(LockOrder.Report(edges: [edge]), edge.thread)
    }

    /// None of the locks of this type is held meanwhile: the handler may take locks that are checked.
    private static func deliver(_ report: LockOrder.Report, _ thread: UInt64) {
      guard reporters.withLock({ $0.insert(thread).inserted }) else { return report.writeToStandardError() }
      defer { _ = reporters.withLock { $0.remove(thread) } }
      LockOrder.reportHandler(report)
    }

    /// How many locks and holding threads the graph knows, for tests of leaks.
    static var knownCount: Int { graph.withLock { $0.knownCount } }
  }
#endif
