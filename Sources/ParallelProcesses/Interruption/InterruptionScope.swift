import ParallelCore
import ParallelFutures

/// What the first signal brings to an end: pools, and what their user is doing with them.
final class InterruptionScope: Sendable {
  private struct Ending {
    var isUnderWay = false
    var isFinished = false
    var timer: ReactorTimer?
  }

  private let engines: [PoolEngine]
  private let mode: ShutdownMode
  private let limit: Duration?
  private let cancel: @Sendable () -> Void
  private let ending = Guarded(Ending())

  /// `cancel` asks the user's code to stop. It may block.
  init(
    _ pools: [ProcessPool], by mode: ShutdownMode, limit: Duration?, cancel: @escaping @Sendable () -> Void
  ) {
    engines = pools.map(\.engine)
    self.mode = mode
    self.limit = limit
    self.cancel = cancel
  }

  /// Shuts the pools down. May be called again, and does nothing then. Does not block.
  func interrupt() {
    let isFirst = ending.withLock { ending in
      defer { ending.isUnderWay = true }
      return !ending.isUnderWay
    }
    guard isFirst else { return }
    for engine in engines { engine.shutDown(mode) }
    CallbackThreads.shared.run(cancel)
    if let limit { terminate(after: limit) }
  }

  private func terminate(after limit: Duration) {
    do throws(ParallelError) {
      let timer = try Reactor.shared.schedule(at: Deadline(timeout: limit)) { [self] in terminate() }
      let isLate = ending.withLock { ending in
        if !ending.isFinished { ending.timer = timer }
        return ending.isFinished
      }
      if isLate { timer.cancel() }
    } catch {
      // Sooner rather than never.
      terminate()
    }
  }

  private func terminate() {
    for engine in engines { engine.shutDown(.terminate) }
  }

  /// Done when no worker is left. That may be waited for while another thread is still about to `interrupt`.
  var pools: [Future<Void>] { engines.map(\.end) }

  /// The pools have ended: what was to happen at the limit need not.
  func finish() {
    let timer = ending.withLock { ending in
      ending.isFinished = true
      return ending.timer.take()
    }
    timer?.cancel()
  }
}
