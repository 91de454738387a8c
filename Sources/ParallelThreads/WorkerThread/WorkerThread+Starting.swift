import ParallelCore
internal import SystemPackage

extension WorkerThread {
  /// Starts the thread. It may have ended when this returns.
  ///
  /// The thread handles signals as the one that starts it does.
  ///
  /// - Throws: ``ParallelError`` with the code `misuse` when it was started before; `invalidArgument` for a
  ///   niceness outside of -20...19, and for processors that can't exist or are none at all; `system` with
  ///   the `Errno` when the system refuses: `EAGAIN` at the limit of threads or memory, `EINVAL` for an
  ///   impossible stack size and when none of the processors is there, `EACCES` or `EPERM` for the niceness.
  ///   Then no thread is left, and it can be started again.
  public func start() throws(ParallelError) {
    try options.validate()
    guard handle.list() else {
      throw ParallelError(.misuse, "\(handle) was started before; make a new one for each start")
    }
    if !handle.isDaemon { ExitHandler.install() }
    do {
      try launch()
    } catch {
      handle.unlist()
      throw error
    }
  }

  private func launch() throws(ParallelError) {
    let name = handle.name
    // The new thread gives up its reference before it tells anybody of its end: then only the user's are
    // left.
    let ticket = Guarded<WorkerThread?>(self)
    let run: @Sendable () -> Void = { [handle] in
      handle.begin(startName: name)
      Self.perform(ticket)
      ThreadLocalTable.destroyValues()
      handle.finish()
    }
    guard let niceness = options.niceness else {
      _ = try createThread(name, run)
      return
    }
    let handshake = StartHandshake()
    let thread = try createThread(name) {
      if handshake.tell({ () throws(Errno) in try SystemCalls.setNiceness(niceness) }) { run() }
    }
    if let refusal = handshake.refusal() {
      thread.join()
      throw ParallelError(.system, "\(handle) may not have the niceness \(niceness)", underlying: refusal)
    }
  }

  private func createThread(
    _ name: String, _ body: @escaping @Sendable () -> Void
  ) throws(ParallelError) -> NativeThread {
    try NativeThread.start(
      name: name, stackSize: options.stackSize, processors: options.processors, receivesSignals: true, body)
  }

  /// On the new thread. A function of its own, so that nothing of the body is left when it returns.
  @inline(never)
  private static func perform(_ ticket: Guarded<WorkerThread?>) {
    guard let thread = ticket.withLock({ $0.take() }) else { return }
    BlockingCheck.threadMayBlock = true
    let result = thread.runBody()
    if case .failure(let error) = result { UncaughtThreadError.report(error, of: thread.handle) }
    thread.work.withLock { $0 = .done(result) }
  }

  @inline(never)
  private func runBody() -> Result<Value, any Error> {
    let work = work.withLock { work in
      defer { work = .underWay }
      return work
    }
    guard case .toDo(let body) = work else { preconditionFailure("a thread runs its body once") }
    return cancellationSource.bound { Result(catching: body) }
  }
}
