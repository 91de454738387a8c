import ParallelCore
import ParallelFutures

/// A thread that waits for a result reads the lanes itself: it is woken by the worker, not by a reactor that was woken by
/// the worker, and while results come quickly nobody is woken at all.
extension PoolEngine: WaitHelper {
  /// How long results may lie unread, at most, when who read them does not come back.
  private static let watchPeriod: Duration = .milliseconds(1)

  func help(_ future: any HelpedFuture, until deadline: Deadline) {
    guard var tools = helping.withLock({ $0.take() }) else { return }
    while !future.isDone, !deadline.hasPassed {
      exchange(&tools.lanes, for: busyLanes())
      if tools.lanes.isEmpty || !help(future, until: deadline, with: &tools) { break }
    }
    let leaving = helping.withLock { $0.leave(tools) }
    for lane in leaving.returned { lane.returnToReactor() }
    if leaving.needsWatch { watch() }
    if leaving.finishes { Reactor.shared.perform { [self] in finish() } }
  }

  func somebodyWaits() {
    for lane in helping.withLock({ $0.somebodyWaits() }) { lane.returnToReactor() }
  }

  private func watch() {
    let timer = try? Reactor.shared.schedule(at: Deadline(timeout: Self.watchPeriod)) { [self] in look() }
    if timer == nil { look() }
  }

  private func look() {
    let (returned, comesAgain) = helping.withLock { $0.look() }
    for lane in returned { lane.returnToReactor() }
    if comesAgain { watch() }
  }

  /// Reads results, or sleeps until there are some. False where that is not possible.
  private func help(
    _ future: any HelpedFuture, until deadline: Deadline, with tools: inout HelperSeat.Tools
  ) -> Bool {
    var hasRead = false
    for (index, lane) in tools.lanes.enumerated().reversed() {
      switch lane.readDirectly() {
      case .results: hasRead = true
      case .nothing: break
      case .notNow: tools.lanes.remove(at: index).returnToReactor()
      }
    }
    if hasRead || future.isDone { return true }
    let lanes = tools.lanes
    if lanes.isEmpty { return false }
    if tools.spin.spin(until: { lanes.contains { $0.hasNews } || future.isDone }) { return true }
    for lane in lanes { lane.sleepDirectly() }
    if lanes.contains(where: { $0.hasNews }) { return true }
    defer { for lane in lanes { lane.takeFromReactor() } }
    return future.sleep(besides: lanes.map(\.wordToSleepOn), until: deadline)
  }

  /// Those that have something to answer.
  private func busyLanes() -> [RingLane] {
    state.withLock { state in
      let lanes = state.workers.values.lazy.filter { !$0.items.isEmpty }.compactMap { $0.lane as? RingLane }
      return Array(lanes.prefix(Futex.mostSharedWords))
    }
  }

  /// Lanes that are no longer read here go back to the reactor, others come here.
  private func exchange(_ lanes: inout [RingLane], for wanted: [RingLane]) {
    for lane in lanes where !wanted.contains(where: { $0 === lane }) { lane.returnToReactor() }
    for lane in wanted where !lanes.contains(where: { $0 === lane }) { lane.takeFromReactor() }
    lanes = wanted
  }
}
