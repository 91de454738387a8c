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
      exchange(&tools.lanes)
      if tools.lanes.isEmpty || !help(future, until: deadline, with: &tools) { break }
    }
    if !future.isDone, !deadline.hasPassed {
      // It will sleep in the ordinary way, so somebody else has to be rung.
      for lane in tools.lanes { lane.returnToReactor() }
      tools.lanes = []
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
    for lane in helping.withLock({ $0.look() }) { lane.returnToReactor() }
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
      case .notNow: tools.lanes.remove(at: index).returnUnfinished()
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

  /// Reads those lanes from now on that have something to answer; the others go back to the reactor.
  private func exchange(_ lanes: inout [RingLane]) {
    let before = lanes
    state.withLock { state in
      lanes.removeAll(keepingCapacity: true)
      for worker in state.workers.values where !worker.items.isEmpty {
        guard lanes.count < Futex.mostSharedWords, let lane = worker.lane as? RingLane else { continue }
        lanes.append(lane)
      }
    }
    for lane in lanes where !before.contains(where: { $0 === lane }) { lane.takeFromReactor() }
    for lane in before where !lanes.contains(where: { $0 === lane }) { lane.returnToReactor() }
  }
}
