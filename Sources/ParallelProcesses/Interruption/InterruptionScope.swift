import ParallelCore
import ParallelFutures

/// What the first signal brings to an end: pools, and what their user is doing with them.
final class InterruptionScope: Sendable {
  private struct Ending {
    var isUnderWay = false
    var pools: [Future<Void>] = []
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
    let pools = engines.map { $0.shutDown(mode) }
    ending.withLock { $0.pools = pools }
    CallbackThreads.shared.run(cancel)
    if let limit { terminate(after: limit) }
  }

  private func terminate(after limit: Duration) {
    do throws(ParallelError) {
      let timer = try Reactor.shared.schedule(at: Deadline(timeout: limit)) { [self] in terminate() }
      ending.withLock { $0.timer = timer }
    } catch {
      // Sooner rather than never.
      terminate()
    }
  }

  private func terminate() {
    for engine in engines { engine.shutDown(.terminate) }
  }

  /// Done when no worker is left. After `interrupt`.
  var pools: [Future<Void>] { ending.withLock { $0.pools } }

  /// The pools have ended: what was to happen at the limit need not.
  func finish() { ending.withLock { $0.timer.take() }?.cancel() }
}
