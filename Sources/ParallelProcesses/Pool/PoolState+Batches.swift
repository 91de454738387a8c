import ParallelCore

/// Workers do not ring for each result of a batch, so that neither side is woken again and again by short tasks. Where a
/// task of a batch takes long, the results of those before it would lie unread: so somebody looks for them.
extension PoolState {
  private static let lookingInterval: UInt64 = 1_000_000

  mutating func lookForResultsLater() { timers.add(.results, at: now + Self.lookingInterval) }

  mutating func lookForResults(_ actions: inout Actions) {
    let lanes = workers.values.filter(\.hasQuietResults).map(\.lane)
    guard !lanes.isEmpty else { return }
    actions.add(.look(lanes))
    lookForResultsLater()
  }
}

extension PoolWorker {
  /// Whether there may be, or will be, results of which it does not tell: those before the last task of a batch.
  fileprivate var hasQuietResults: Bool {
    items.contains { $0.sentTasks != nil && ($0.count > 1 || !isLastOfItsNumber($0)) }
  }
}
