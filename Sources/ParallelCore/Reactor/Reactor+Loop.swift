import Synchronization
import SystemPackage

extension Reactor {
  /// Starts the thread once; after a failure the next call tries again. Other calls do so by themselves, and can't fail
  /// for that reason any more once this has worked.
  package func start() throws(ParallelError) {
    try state.withLock { state throws(ParallelError) in
      guard !state.isRunning else { return }
      var opened: [FileDescriptor] = []
      do {
        let epoll = try SystemCalls.createEpoll()
        opened.append(epoll)
        let event = try SystemCalls.createEvent()
        opened.append(event)
        try SystemCalls.add(event, to: epoll, for: .readable, number: Self.eventNumber)
        _ = try NativeThread.start(name: "reactor") { self.run(epoll: epoll, event: event) }
        state.epoll = epoll
        state.event = event
        state.isRunning = true
      } catch {
        opened.forEach(SystemCalls.close)
        throw error as? ParallelError
          ?? ParallelError(
            .system, "the thread that waits for workers could not be started", underlying: error)
      }
    }
  }

  private func run(epoll: FileDescriptor, event: FileDescriptor) {
    thread.store(SystemCalls.currentThread, ordering: .relaxed)
    while true {
      runDue()
      let sleep = state.withLock { state in
        guard state.pending.isEmpty else { return Deadline(nanoseconds: 0) }
        state.sleepsUntil = state.timers.next
        return state.timers.next
      }
      SystemCalls.wait(epoll, milliseconds: sleep.millisecondsLeft) { number, readiness in
        if number == Self.eventNumber {
          SystemCalls.silence(event)
        } else {
          // Gone from the table: cancelled while its event was under way.
          state.withLock { $0.handlers[number] }?.handler(readiness)
        }
      }
      state.withLock { $0.sleepsUntil = Deadline(nanoseconds: 0) }
    }
  }

  private func runDue() {
    let (bodies, timers) = state.withLock { state in
      defer { state.pending.removeAll() }
      return (state.pending, state.timers.isEmpty ? [] : state.timers.takeDue(now: .now))
    }
    for body in bodies { body() }
    for timer in timers { timer() }
  }
}

extension Deadline {
  /// In the form that a wait takes: rounded up, so that it never ends too early; nil for never.
  fileprivate var millisecondsLeft: Int32? {
    nanosecondsLeft.map { Int32(clamping: ($0 + 999_999) / 1_000_000) }
  }
}
