import ParallelCore

/// Workers do not ring for each result of a batch, so that neither side is woken again and again by short tasks. Where a
/// task of a batch takes long, the results of those before it would lie unread: so somebody looks for them.
extension PoolState {
  private static let lookingInterval: UInt64 = 1_000_000

  /// Looks soon, unless that is so already.
  mutating func lookForResultsLater() {
    guard !isLooking else { return }
    isLooking = true
    timers.add(.results, at: now + Self.lookingInterval)
  }

  mutating func lookForResults(_ actions: inout Actions) {
    isLooking = false
    let lanes = workers.values.filter { $0.items.contains { $0.sentTasks != nil } }.map(\.lane)
    guard !lanes.isEmpty else { return }
    actions.add(.look(lanes))
    lookForResultsLater()
  }
}
