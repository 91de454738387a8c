import ParallelCore
import ParallelThreads
import SystemPackage

/// A child process that the reactor waits for, so that its status is taken as soon as it ends, whether somebody asks for
/// it or not.
///
/// States: *running* → *ended*, once, under the lock, by whoever is the first to take the status: the reactor or a call of
/// ``poll()``. The registration holds this object while the process runs. The process's descriptor belongs to this object
/// and stays open as long as it lives; the number is used under the lock only, as long as the process is not reaped.
final class RunningChild: Sendable {
  typealias End = (status: ProcessExitStatus, usage: ResourceUsage?, at: Deadline)

  private struct State {
    var end: End?
    var registration: Registration?
  }

  /// Between two looks at a process that has ended and can't be reaped, because a debugger holds it.
  private static let lookAgain = Duration.milliseconds(20)

  let process: SpawnedProcess
  /// Set once it has ended.
  let ended = Event()
  private let state = Guarded(State())

  /// Takes over the process with its descriptor.
  init(_ process: SpawnedProcess) { self.process = process }

  deinit { SystemCalls.close(process.pidfd) }

  /// Has the reactor wait for its end.
  func watch() throws(ParallelError) {
    try state.withLock { state throws(ParallelError) in
      guard state.end == nil else { return }
      // The handler, which may be called before this returns, waits for the lock.
      state.registration = try Reactor.shared.register(process.pidfd, for: .readable) { [self] _ in
        if poll() == nil { watchLater() }
      }
    }
  }

  /// How it has ended; nil while it runs.
  @discardableResult
  func poll() -> End? {
    let (end, registration) = state.withLock { state in
      if state.end == nil, let end = process.reap() { state.end = (end.status, end.usage, .now) }
      return (state.end, state.end == nil ? nil : state.registration.take())
    }
    registration?.cancel()
    if end != nil { ended.set() }
    return end
  }

  /// On the reactor: it has ended, and its status can't be had yet.
  private func watchLater() {
    state.withLock { $0.registration.take() }?.cancel()
    let next = Deadline(timeout: Self.lookAgain)
    _ = try? Reactor.shared.schedule(at: next) { [self] in
      if poll() == nil { watchLater() }
    }
  }

  /// Runs `body` if the process has not ended; its number is its own meanwhile.
  func whileRunning<R>(_ body: () throws -> R) rethrows -> R? {
    try state.withLock { state in state.end == nil ? try body() : nil }
  }
}
