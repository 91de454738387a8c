import ParallelCore

extension PoolState {
  private static let measuringInterval: UInt64 = 50_000_000

  mutating func measureLater() { timers.add(.memory, at: now + Self.measuringInterval) }

  mutating func measure(_ actions: inout Actions) {
    var list: [(number: Int, process: any RunningWorker)] = []
    for worker in workers.values where worker.isUnmeasured || !worker.items.isEmpty {
      // What runs now may take more until it ends: once more after that.
      worker.isUnmeasured = !worker.items.isEmpty
      list.append((worker.number, worker.process))
    }
    guard !list.isEmpty else { return }
    actions.add(.measure(list))
    measureLater()
  }

  /// So many bytes of memory does the worker hold.
  mutating func measured(_ number: Int, _ resident: Int, at now: Deadline) -> [Action] {
    event(at: now) { state, actions in
      guard let worker = state.workers[number] else { return }
      if let limit = state.policy.memoryLimit, resident > limit {
        state.end(worker, holding: resident, limit, &actions)
      } else if let limit = state.policy.recycleAtResidentMemory, resident >= limit {
        state.becomesDue(number)
      }
    }
  }

  private mutating func end(
    _ worker: PoolWorker, holding resident: Int, _ limit: Int, _ actions: inout Actions
  ) {
    switch worker.stage {
    case .ready, .finishing, .spare: break
    case .starting, .retiring, .dying, .condemned: return
    }
    // So that nothing is run after what is running.
    putBack(worker.withdrawUnbegun())
    let items = worker.running.filter { worker.lane.condemn($0.sequence) }.map(worker.isolateTask)
    // It is between two items, and too large for the next.
    guard !items.isEmpty else { return becomesDue(worker.number) }
    for item in items { noteRunTime(of: item, in: worker) }
    condemn(worker, over: items, &actions)
    for item in items where item.stage != .finished {
      let blame = items.count > 1 ? Blame.suspect : .culprit
      lost(item, .memoryLimitExceeded(resident: resident, limit: limit), blame, &actions)
    }
  }
}
