import ParallelCore

extension ThreadHandle {
  /// The thread's name. It can be changed at any time, and then changes what debuggers and `ps -L` show, too.
  ///
  /// "main" for the main thread, and what the system calls it for a thread that this package did not start.
  /// The kernel keeps the first 15 bytes, cut between characters, and calls the whole process by its main
  /// thread's name.
  ///
  /// The corresponding C function is `pthread_setname_np`.
  public var name: String {
    get { ThreadRegistry.shared.withLock { _ in state.name } }
    set {
      // Under the lock a thread that runs can't end, so its number can't have become another thread's.
      ThreadRegistry.shared.withLock { _ in
        state.name = newValue
        if state.phase == .running, let id = state.nativeID { SystemCalls.nameThread(id, newValue) }
      }
    }
  }

  /// Whether the thread was started and has not ended.
  public var isAlive: Bool { phase == .running }

  var phase: ThreadPhase { ThreadRegistry.shared.withLock { _ in state.phase } }

  /// The kernel's number of the thread, as in `/proc/self/task`; nil before its start and after its end.
  ///
  /// Waits some microseconds for a thread that was started just now. The kernel gives the number to other
  /// threads later.
  ///
  /// The corresponding C function is `gettid`.
  public var nativeID: Int32? {
    let (phase, id) = phaseAndID
    guard phase == .running else { return nil }
    if let id { return id }
    awaitBeginning()
    return phaseAndID.id
  }

  private var phaseAndID: (phase: ThreadPhase, id: Int32?) {
    ThreadRegistry.shared.withLock { _ in (state.phase, state.nativeID) }
  }

  /// Asks the thread to end: its blocking waits in this package throw `CancellationError`, now and from now
  /// on.
  ///
  /// A thread that doesn't wait sees it in ``isCancelled``. Without effect on threads that this package did
  /// not start, but for ``isCancelled``. Returns at once, and may be called from anywhere and more than once.
  public func cancel() { cancellationSource.cancel() }

  /// Whether ``cancel()`` was called. A thread asks its own handle: `ThreadHandle.current.isCancelled`.
  public var isCancelled: Bool { cancellationSource.isCancelled }
}
