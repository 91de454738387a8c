internal import CParallel
import Glibc
import ParallelCore
import ParallelFutures
import Synchronization
import SystemPackage

/// Where signals meet the scopes that they interrupt, once for the whole process.
///
/// While there are scopes, a C handler counts `SIGINT` and `SIGTERM` and rings an event (`signal_counts.c`); one thread
/// sleeps on the event and does the rest. The first scope installs the handler and starts the thread, the last one takes
/// both away. The first signal interrupts all scopes; the next one after a short while ends the process.
final class InterruptionCenter: Sendable {
  static let shared = InterruptionCenter()

  /// What comes so soon after the first signal is the same wish: timeout(1) signals its child twice, by its number and
  /// with its group, and so do some shells' and package managers' runners.
  private static let burst: Duration = .milliseconds(200)

  private static let signals = [SIGINT, SIGTERM]

  private struct State {
    var scopes: [ObjectIdentifier: InterruptionScope] = [:]
    var counted: [Int32] = []
    var hasThread = false
    /// Never closed: a handler may be on its way to it.
    var event: FileDescriptor?
    var first: (signal: Int32, count: UInt32, end: Deadline)?
  }

  private enum News {
    case nothing
    case interrupt([InterruptionScope])
    case die(Int32)
  }

  private let state = Guarded(State())

  /// From here on signals interrupt the scope. At once, if there was one and another scope has not ended since.
  func enter(_ scope: InterruptionScope) throws(ParallelError) {
    let isInterrupted = try state.withLock { state throws(ParallelError) in
      if state.scopes.isEmpty { try begin(&state) }
      state.scopes[ObjectIdentifier(scope)] = scope
      return state.first != nil
    }
    if isInterrupted { scope.interrupt() }
  }

  /// Signals interrupt the scope no more. Returns the one that did, if any.
  func leave(_ scope: InterruptionScope) -> Int32? {
    let (signal, news) = state.withLock { state in
      let isLast = state.scopes.count == 1
      // First, so that no signal is lost between the last look and this.
      if isLast { state.counted.forEach(parallel_stop_counting_signal) }
      let news = Self.look(&state)
      let signal = state.first?.signal
      state.scopes.removeValue(forKey: ObjectIdentifier(scope))
      if isLast { Self.end(&state) }
      return (signal, news)
    }
    act(on: news)
    // The thread may have looked first, and be on its way to it.
    if signal != nil { scope.interrupt() }
    return signal
  }

  // MARK: Under the lock

  private func begin(_ state: inout State) throws(ParallelError) {
    do {
      let event = try state.event ?? SystemCalls.createEvent()
      state.event = event
      if !state.hasThread {
        _ = try NativeThread.start(name: "interruption", stackSize: 512 << 10) { [self] in watch(event) }
        state.hasThread = true
      }
      for signal in Self.signals {
        switch parallel_count_signal(signal, event.rawValue) {
        case PARALLEL_SIGNAL_IS_COUNTED: state.counted.append(signal)
        case PARALLEL_SIGNAL_IS_IGNORED: break
        default: throw Errno(rawValue: errno)
        }
      }
    } catch {
      state.counted.forEach(parallel_stop_counting_signal)
      Self.end(&state)
      throw error as? ParallelError
        ?? ParallelError(.system, "signals could not be watched for", underlying: error)
    }
  }

  private static func end(_ state: inout State) {
    state.counted = []
    state.first = nil
    Interruption.underWay.store(false, ordering: .relaxed)
    // The thread sees that there are no scopes.
    if state.hasThread, let event = state.event { SystemCalls.ring(event) }
  }

  /// What the signals counted by now come to.
  private static func look(_ state: inout State) -> News {
    let counts = state.counted.map { (signal: $0, count: parallel_signal_count($0)) }
    let total = counts.reduce(0) { $0 &+ $1.count }
    guard let first = state.first else {
      guard let signal = counts.first(where: { $0.count > 0 })?.signal else { return .nothing }
      state.first = (signal, total, Deadline(timeout: burst))
      Interruption.underWay.store(true, ordering: .relaxed)
      return .interrupt(Array(state.scopes.values))
    }
    guard total != first.count else { return .nothing }
    guard first.end.hasPassed else {
      state.first!.count = total
      return .nothing
    }
    return .die(first.signal)
  }

  // MARK: Without it

  private func act(on news: News) {
    switch news {
    case .nothing: break
    case .interrupt(let scopes): for scope in scopes { scope.interrupt() }
    // Its workers go with it, by their lifelines.
    case .die(let signal): parallel_die_by_signal(signal)
    }
  }

  /// On the thread, which calls nothing that may block: the second signal must work whatever the program is doing.
  private func watch(_ event: FileDescriptor) {
    while true {
      SystemCalls.waitForInput(event)
      SystemCalls.silence(event)
      let (isOver, news) = state.withLock { state in
        state.hasThread = !state.scopes.isEmpty
        return (!state.hasThread, Self.look(&state))
      }
      if isOver { return }
      act(on: news)
    }
  }
}
