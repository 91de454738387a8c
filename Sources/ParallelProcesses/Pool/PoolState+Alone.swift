import DequeModule
import ParallelCore

/// Items that ran beside others when a worker died, or have ended one by themselves, run again in a worker that runs
/// nothing else.
///
/// They stay among the delayed until such a worker is there; one is kept free of others for the next of them.
extension PoolState {
  /// The pause between two attempts is over.
  mutating func resume(_ item: PoolItem, _ control: ItemControl) {
    if control.runsAlone {
      control.resumesAt = .never
      alone.append(control.delayNumber)
    } else {
      delayed[control.delayNumber] = nil
      putBack([item])
    }
    needsBalance = true
  }

  /// It was sent, and not begun: its turn comes again before that of others.
  mutating func waitAlone(_ item: PoolItem, _ control: ItemControl) {
    control.delayNumber = nextDelay
    nextDelay += 1
    item.stage = .delayed
    delayed[control.delayNumber] = item
    alone.prepend(control.delayNumber)
    watch(item)
    needsBalance = true
  }

  /// The item, if it is one that is delayed, will not run again. A worker may have been kept free for it.
  mutating func forgetDelayed(_ control: ItemControl) {
    if delayed.removeValue(forKey: control.delayNumber) != nil, !alone.isEmpty { needsBalance = true }
  }

  mutating func assignAlone(_ actions: inout Actions) {
    while let number = alone.first {
      // Gone: cancelled, or its deadline has passed.
      guard let item = delayed[number] else {
        alone.removeFirst()
        continue
      }
      for worker in workers.values { worker.isReserved = false }
      guard let worker = workers.values.first(where: { $0.items.isEmpty && $0.room(policy) > 0 }) else {
        return reserveWorker()
      }
      alone.removeFirst()
      delayed[number] = nil
      send(item, to: worker, &actions)
    }
    for worker in workers.values { worker.isReserved = false }
  }

  /// The one that will be idle first, as far as one can tell.
  private func reserveWorker() {
    let candidates = workers.values.filter {
      $0.stage == .ready && !$0.runsLoneItem && !$0.isExhausted(policy)
    }
    candidates.min { $0.heldTasks < $1.heldTasks }?.isReserved = true
  }
}
