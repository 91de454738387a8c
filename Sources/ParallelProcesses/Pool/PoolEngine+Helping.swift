import ParallelCore
import ParallelFutures

/// A thread that waits for a result reads the lanes itself: it is woken by the worker, not by a reactor that was woken by
/// the worker, and while results come quickly nobody is woken at all.
extension PoolEngine: WaitHelper {
  func help(_ future: any HelpedFuture, until deadline: Deadline) {
    guard var spin = helping.withLock({ $0.take() }) else { return }
    var lanes: [RingLane] = []
    while !future.isDone, !deadline.hasPassed {
      exchange(&lanes, for: busyLanes())
      if lanes.isEmpty || !help(future, until: deadline, with: &lanes, &spin) { break }
    }
    exchange(&lanes, for: [])
    if helping.withLock({ $0.leave(spin) }) {
      Reactor.shared.perform { [self] in finish() }
    }
  }

  /// Reads results, or sleeps until there are some. False where that is not possible.
  private func help(
    _ future: any HelpedFuture, until deadline: Deadline, with lanes: inout [RingLane], _ spin: inout IdleSpin
  ) -> Bool {
    var hasRead = false
    for (index, lane) in lanes.enumerated().reversed() {
      switch lane.readDirectly() {
      case .results: hasRead = true
      case .nothing: break
      case .notNow: lanes.remove(at: index).returnToReactor()
      }
    }
    if hasRead || future.isDone { return true }
    if lanes.isEmpty { return false }
    // Without a copy for the closure's sake.
    let looked = lanes
    if spin.spin(until: { looked.contains { $0.hasNews } || future.isDone }) { return true }
    for lane in lanes { lane.sleepDirectly() }
    if lanes.contains(where: { $0.hasNews }) { return true }
    defer { for lane in lanes { lane.takeFromReactor() } }
    return future.sleep(besides: lanes.map(\.wordToSleepOn), until: deadline)
  }

  /// Those that have something to answer.
  private func busyLanes() -> [RingLane] {
    state.withLock { state in
      Array(
        state.workers.values.lazy.filter { !$0.items.isEmpty }.compactMap { $0.lane as? RingLane }
          .prefix(Futex.mostSharedWords))
    }
  }

  /// Lanes that are no longer read here go back to the reactor, others come here.
  private func exchange(_ lanes: inout [RingLane], for wanted: [RingLane]) {
    for lane in lanes where !wanted.contains(where: { $0 === lane }) { lane.returnToReactor() }
    for lane in wanted where !lanes.contains(where: { $0 === lane }) { lane.takeFromReactor() }
    lanes = wanted
  }
}
