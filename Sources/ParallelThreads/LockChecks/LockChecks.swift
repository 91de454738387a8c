#if DEBUG || LockOrderChecks
  internal import CParallel
  import ParallelCore
  import Synchronization

  /// What checked builds look for at every lock: a thread that waits for itself, and orders that may deadlock.
  ///
  /// The mark of the holder is made while the lock is held, and read by one who then waits for the lock: so it orders
  /// nothing between threads that the lock itself does not, and hides no race from the thread sanitizer.
  @usableFromInline
  struct LockChecks: ~Copyable, Sendable {
    private struct Mark {
      var holder: Holder?
      /// Whether the graph of orders may know this lock.
      var isKnown = false
    }

    private struct Holder {
      var thread: UInt64
      var site: LockOrder.Site
      /// Whether the lock stands in the thread's list of what it holds; the checks may be switched meanwhile.
      var isListed: Bool
    }

    /// An address may be used again, a number is not.
    private let number = LockOrderChecker.nextNumber()
    private let mark = Guarded(Mark())

    /// Before an acquisition without a limit.
    @usableFromInline @inline(__always)
    func willWaitInOrder(_ fileID: StaticString, _ line: UInt) {
      if LockOrderChecker.isOn.load(ordering: .relaxed) { checkOrder(LockOrder.Site(fileID, line)) }
    }

    private func checkOrder(_ site: LockOrder.Site) {
      mark.withLock { $0.isKnown = true }
      LockOrderChecker.willTake(number, at: site)
    }

    /// The lock was not free, and this thread is about to wait for it without a limit.
    @usableFromInline
    func willPark(_ fileID: StaticString, _ line: UInt) {
      let thread = parallel_thread_number()
      guard let holder = mark.withLock({ $0.holder }), holder.thread == thread else { return }
      LockOrderChecker.waitsForItself(
        LockOrder.Edge(
          thread: thread, heldLock: number, heldAt: holder.site,
          acquiredLock: number, acquiredAt: LockOrder.Site(fileID, line)))
    }

    /// The lock was taken. `isOrdered` is false for a kind of lock that takes no part in the checks of order.
    @usableFromInline
    func acquired(_ fileID: StaticString, _ line: UInt, isOrdered: Bool = true) {
      let thread = parallel_thread_number()
      let site = LockOrder.Site(fileID, line)
      let isListed = isOrdered && LockOrderChecker.isOn.load(ordering: .relaxed)
      if isListed { LockOrderChecker.took(number, thread, at: site) }
      mark.withLock { mark in
        mark.holder = Holder(thread: thread, site: site, isListed: isListed)
        mark.isKnown = mark.isKnown || isListed
      }
    }

    /// The lock is about to be given back, perhaps by another thread than the one that took it.
    @usableFromInline
    func willRelease() {
      guard let holder = mark.withLock({ $0.holder.take() }), holder.isListed else { return }
      LockOrderChecker.gaveBack(number, holder.thread)
    }

    deinit {
      let last = mark.withLock { $0 }
      if last.isKnown { LockOrderChecker.forget(number, heldBy: last.holder?.thread) }
    }
  }
#else
  /// Checked builds look at every lock here; see ``LockOrder``. Other builds have neither code nor data for it.
  @usableFromInline
  struct LockChecks: ~Copyable, Sendable {
    @inlinable init() {}
    @inlinable @inline(__always) func willWaitInOrder(_ fileID: StaticString, _ line: UInt) {}
    @inlinable @inline(__always) func willPark(_ fileID: StaticString, _ line: UInt) {}
    @inlinable @inline(__always) func acquired(_ fileID: StaticString, _ line: UInt, isOrdered: Bool = true) {
    }
    @inlinable @inline(__always) func willRelease() {}
  }
#endif
