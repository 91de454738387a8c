extension WorkerThread {
  /// The thread's name; see ``ThreadHandle/name``. It can be changed at any time.
  public var name: String {
    get { handle.name }
    set { handle.name = newValue }
  }

  /// Whether the process ends without waiting for this thread. Fixed when the thread is made.
  public var isDaemon: Bool { handle.isDaemon }

  /// Whether the thread was started and has not ended.
  public var isAlive: Bool { handle.isAlive }

  /// The thread's number: no other thread of this process has it, had it or will have it.
  public var number: UInt64 { handle.number }

  /// The kernel's number of the thread; nil before its start and after its end. See
  /// ``ThreadHandle/nativeID``.
  public var nativeID: Int32? { handle.nativeID }

  /// Asks the thread to end: blocking waits in its body throw `CancellationError`. See
  /// ``ThreadHandle/cancel()``.
  public func cancel() { handle.cancel() }

  /// Whether ``cancel()`` was called.
  public var isCancelled: Bool { handle.isCancelled }
}

extension ThreadHandle {
  /// Whether threads that the calling one makes are daemons by default: where it is a `WorkerThread` that is
  /// one.
  static var makesDaemons: Bool { known.map { $0.wasStartedHere && $0.isDaemon } ?? false }
}
