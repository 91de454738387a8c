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
    let lanes = workers.values.filter(\.hasQuietResults).map(\.lane)
    guard !lanes.isEmpty else { return }
    actions.add(.look(lanes))
    lookForResultsLater()
  }
}

extension PoolWorker {
  /// Whether there may be, or will be, results of which it does not tell: those before the last task of a batch.
  fileprivate var hasQuietResults: Bool {
    zip(items, items.dropFirst().map(Optional.some) + [nil]).contains { item, next in
      item.sentTasks != nil && (item.count > 1 || item.sequence == next?.sequence)
    }
  }
}
