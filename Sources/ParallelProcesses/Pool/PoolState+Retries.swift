import ParallelCore

extension PoolState {
  /// What an item has to do with the end of its worker.
  enum Blame {
    /// It was the only one that ran.
    case culprit
    /// It was one of several.
    case suspect
    /// The worker was ended because of another.
    case none
  }

  /// The item's worker has died or was ended while it ran: it is run again, or fails.
  mutating func lost(
    _ item: PoolItem, _ reason: WorkerFailure.Reason, _ blame: Blame, _ actions: inout Actions
  ) {
    let policy = self.policy.retries
    guard item.control != nil || policy.count > 0 || self.policy.poisonAfter == 1 else {
      return finish(item, .failed(item.failure(reason)), &actions)
    }
    let control = item.controlled()
    control.failedAttempts += 1
    switch blame {
    case .culprit:
      control.deaths += 1
      // The next time it would take others with it.
      if self.policy.runsSideBySide { control.runsAlone = true }
    case .suspect: control.runsAlone = true
    case .none: break
    }
    guard !control.isCancelled else { return drop(item, &actions) }
    if blame == .culprit, control.deaths >= self.policy.poisonAfter {
      return finish(
        item, .failed(item.failure(.poison(deaths: control.deaths, last: reason.report))), &actions)
    }
    guard runsAgain(item, control, control.options.retries ?? policy, after: .crashes, &actions) else {
      return finish(item, .failed(item.failure(reason)), &actions)
    }
  }

  /// The item has thrown an error: true if it is run again. What a task throws because it was told to end is no failure
  /// of this kind.
  mutating func runsAgain(_ item: PoolItem, afterError nanoseconds: UInt64, _ actions: inout Actions) -> Bool
  {
    let retries = item.control?.options.retries ?? policy.retries
    guard retries.count > 0, retries.failures.contains(.errors) else { return false }
    let control = item.controlled()
    control.failedAttempts += 1
    control.usedTime += min(nanoseconds, 1 << 50)
    guard !control.isCancelled, !control.isWarned, control.patienceEnds.isNever else { return false }
    return runsAgain(item, control, retries, after: .errors, &actions)
  }

  private mutating func runsAgain(
    _ item: PoolItem, _ control: ItemControl, _ retries: RetryPolicy, after failure: RetryPolicy.Failures,
    _ actions: inout Actions
  ) -> Bool {
    guard retriesFailures, retries.failures.contains(failure), control.failedAttempts <= retries.count else {
      return false
    }
    let delay = retries.delay(afterAttempts: control.failedAttempts, &random)
    totals.retried += 1
    control.resumesAt = now + delay
    control.delayNumber = nextDelay
    nextDelay += 1
    delayed[control.delayNumber] = item
    item.stage = .delayed
    watch(item)
    if reports {
      actions.add(
        .report(
          .taskRetried(
            TaskEvent(item), attempt: control.failedAttempts + 1, after: .nanoseconds(Int64(clamping: delay)))
        ))
    }
    return true
  }
}

extension WorkerFailure.Reason {
  /// Of the worker that it speaks of, if that has crashed.
  var report: CrashReport? {
    switch self {
    case .crashed(let report): report
    case .poison(_, let last): last
    default: nil
    }
  }
}
