import ParallelCore
import Synchronization

/// Finds locks that are taken in orders which may deadlock, before they do.
///
/// ```swift
/// LockOrder.isChecked = true                       // or PARALLEL_LOCK_ORDER=1 in the environment
/// a.withLock { b.withLock { } }
/// b.withLock { a.withLock { } }                    // reported here, although nobody had to wait
/// ```
///
/// The checks are compiled into debug builds, and into release builds with the package trait `LockOrderChecks`; other
/// builds have neither code nor data for them. Where they are compiled:
///
/// - A thread that begins to wait without a limit for a ``Lock`` which it holds itself is reported, always. The wait
///   goes on: another thread may unlock a `Lock`.
/// - With ``isChecked`` on, each `lock()` of a ``Lock`` or ``RecursiveLock`` is compared with all orders seen so far, in
///   any thread. If it would close a cycle, of any length, that is reported before the thread waits. Calls with a time
///   limit and `tryLock` can't deadlock: they are not checked and teach nothing, but the locks they take count as held.
///   Two orders that were only ever used under one common lock are no cycle.
///
/// Each place, or pair of places, is reported once. Locks that are gone are forgotten. A ``ReadWriteLock`` takes no part
/// in the checks of order, only its writer that waits for itself is reported. ``Condition`` takes its lock again without
/// a check. Checked orders cost one lock for the whole process at each call, which may hide data races from the thread
/// sanitizer; switched off they cost a load and hide nothing.
///
/// Source: Klaus Havelund, "Using Runtime Analysis to Guide Model Checking of Java Programs" (GoodLock); the Linux
/// kernel's `lockdep`.
public enum LockOrder {
  /// Whether this build has the checks.
  public static var isAvailable: Bool {
    #if DEBUG || LockOrderChecks
      true
    #else
      false
    #endif
  }

  /// Whether the order of locks is checked. At the beginning it is if the environment has `PARALLEL_LOCK_ORDER=1`.
  ///
  /// Locks that were taken while it was off are not known to be held. In a build without the checks it stays false.
  public static var isChecked: Bool {
    get {
      #if DEBUG || LockOrderChecks
        LockOrderChecker.isOn.load(ordering: .relaxed)
      #else
        false
      #endif
    }
    set {
      #if DEBUG || LockOrderChecks
        LockOrderChecker.isOn.store(newValue, ordering: .relaxed)
      #endif
    }
  }

  /// What is done with a report; at the beginning its description is written to standard error, in one write.
  ///
  /// It is called on the thread that is about to wait, before it waits, with the locks held that the report names; it
  /// may take locks. What is found while it runs on the same thread is written to standard error.
  public static var reportHandler: @Sendable (Report) -> Void {
    get { handler.withLock { $0.call } }
    set {
      // The one before is let go of outside of the lock.
      let before = handler.withLock { handler in
        defer { handler = Handler(call: newValue) }
        return handler
      }
      withExtendedLifetime(before) {}
    }
  }

  private struct Handler: Sendable {
    var call: @Sendable (Report) -> Void
  }

  private static let handler = Guarded(Handler { $0.writeToStandardError() })
}
