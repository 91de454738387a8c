import ParallelCore

/// Deadlines, run limits, and callers who have gone.
///
/// An item has one timer. When it rings, the item is looked at as it is then, so it does not matter what has happened
/// since the timer was set; and the next one is set.
extension PoolState {
  /// The time for which the storage was asked to wake up, or a later one.
  mutating func timeCame(at now: Deadline) -> [Action] {
    event(at: now) { state, actions in
      state.wakesAt = .never
      while let subject = state.timers.takeDue(now: state.now) {
        switch subject {
        case .item(let item): state.check(item, &actions)
        case .age(let number): state.becomesDue(number)
        case .watch(.memory): state.measure(&actions)
        case .watch(.results): state.lookForResults(&actions)
        case .drainEnd: state.endDraining(&actions)
        }
      }
    }
  }

  /// Sets the item's timer anew.
  mutating func watch(_ item: PoolItem, notBefore earliest: Deadline = Deadline(nanoseconds: 0)) {
    guard item.stage != .finished, let control = item.control else { return }
    timers.setCheck(of: item, control, to: max(earliest, nextCheck(of: item, control)))
  }

  private func nextCheck(of item: PoolItem, _ control: ItemControl) -> Deadline {
    guard !control.isCancelled, control.patienceEnds.isNever else { return control.patienceEnds }
    switch item.stage {
    case .finished: return .never
    case .waiting: return control.deadline
    case .delayed: return min(control.deadline, control.resumesAt)
    case .sent(let number):
      guard let worker = workers[number] else { return control.deadline }
      return min(control.deadline, nextCheck(of: item, control, in: worker))
    }
  }

  private func nextCheck(of item: PoolItem, _ control: ItemControl, in worker: PoolWorker) -> Deadline {
    let hasBegun = worker.lane.hasBegun(item.sequence)
    var next = Deadline.never
    if !control.isWarned, !control.deadline.isNever {
      // An item that is not begun can't be told. It may begin at any time, so it is looked at ever more often.
      let left = control.deadline.nanoseconds - min(now.nanoseconds, control.deadline.nanoseconds)
      next = now < control.warning ? control.warning : now + max(1_000_000, left / 2)
    }
    if let remaining = control.remainingRunTime {
      // Not begun by now: so its limit does not come before this.
      let start = hasBegun ? startOfRun(of: item, in: worker) : now
      next = min(next, start + remaining + (control.isWarned ? control.grace : 0))
    }
    return next
  }

  private func startOfRun(of item: PoolItem, in worker: PoolWorker) -> Deadline {
    // The worker's word: not to be believed where it can't be true.
    let start = worker.lane.startOfRun(of: item.sequence)
    return start < worker.record.startedAt ? now : min(start, now)
  }

  /// The running item's attempt is over: what it took counts.
  func noteRunTime(of item: PoolItem, in worker: PoolWorker) {
    guard let control = item.control, control.options.runLimit != nil else { return }
    control.usedTime &+= now.nanoseconds - startOfRun(of: item, in: worker).nanoseconds
  }

  private mutating func check(_ item: PoolItem, _ actions: inout Actions) {
    guard let control = item.control else { return }
    switch item.stage {
    case .finished: return
    case .waiting, .delayed:
      if control.deadline <= now {
        let wasWaiting = item.stage == .waiting
        forgetDelayed(control)
        finish(item, .failed(deadlineExceeded(item, control, hasBegun: false)), &actions)
        if wasWaiting { waiting.noteCancelled(item.count) }
        return
      }
      if item.stage == .delayed, control.resumesAt <= now {
        resume(item, control)
      }
    case .sent(let number):
      if let worker = workers[number] { check(item, control, worker, &actions) }
    }
    // What is due and can't be done, because the answer is on its way, must not keep the reactor busy.
    watch(item, notBefore: now + 1_000_000)
  }

  private mutating func check(
    _ item: PoolItem, _ control: ItemControl, _ worker: PoolWorker, _ actions: inout Actions
  ) {
    if control.isCancelled {
      if control.patienceEnds <= now {
        control.patienceEnds = .never
        end(item, worker, nil, &actions)
      }
      return
    }
    if control.deadline <= now {
      if worker.takeBack(item) != nil {
        finish(item, .failed(deadlineExceeded(item, control, hasBegun: false)), &actions)
        return refill(worker, &actions)
      }
      return end(item, worker, deadlineExceeded(item, control, hasBegun: true), &actions)
    }
    guard worker.lane.hasBegun(item.sequence), !worker.lane.hasFinished(item.sequence) else { return }
    var breach: ItemControl.Breach? = control.warning <= now ? .deadline : nil
    if let remaining = control.remainingRunTime {
      let limit = startOfRun(of: item, in: worker) + remaining
      if control.isWarned, limit + control.grace <= now {
        return end(item, worker, runLimitExceeded(item, control), &actions)
      }
      if limit <= now { breach = breach ?? .runLimit }
    }
    if breach != nil, !control.isWarned {
      control.breach = breach
      actions.add(.cancel(worker.lane, item.sequence))
    }
  }

  /// An item that waits, and whose deadline has passed without the pool having been woken yet, is not begun.
  mutating func finishIfTooLate(_ item: PoolItem, _ actions: inout Actions) -> Bool {
    guard let control = item.control, control.deadline <= now else { return false }
    finish(item, .failed(deadlineExceeded(item, control, hasBegun: false)), &actions)
    needsBalance = true
    return true
  }

  /// The limit over which the item was told to end; nil if it was not.
  func breach(of item: PoolItem) -> WorkerFailure? {
    guard let control = item.control, let breach = control.breach else { return nil }
    return switch breach {
    case .deadline: deadlineExceeded(item, control, hasBegun: true)
    case .runLimit: runLimitExceeded(item, control)
    }
  }

  private func runLimitExceeded(_ item: PoolItem, _ control: ItemControl) -> WorkerFailure {
    item.failure(.runLimitExceeded(control.options.runLimit ?? .zero))
  }

  private func deadlineExceeded(_ item: PoolItem, _ control: ItemControl, hasBegun: Bool) -> WorkerFailure {
    item.failure(
      .deadlineExceeded(
        control.options.deadline ?? .zero, hasBegun: hasBegun || control.failedAttempts > 0))
  }

  /// Ends an item that was begun, with its worker if that is possible; it fails, or, with nil, nobody wants to know.
  private mutating func end(
    _ item: PoolItem, _ worker: PoolWorker, _ failure: WorkerFailure?, _ actions: inout Actions
  ) {
    let control = item.controlled()
    var isCondemned = worker.lane.condemn(item.sequence)
    if !isCondemned, worker.lane.hasFinished(item.sequence) {
      // The answer is on its way and counts. Should the worker only have said so, its time comes, too.
      guard failure != nil, !control.patienceEnds.isNever else {
        if failure != nil { control.patienceEnds = now + max(control.grace, 1_000_000_000) }
        return
      }
      isCondemned = true
    }
    // It goes on. Where the pool was late it does not know yet that it should not.
    if !isCondemned, !control.isWarned { actions.add(.cancel(worker.lane, item.sequence)) }
    if let failure { finish(item, .failed(failure), &actions) } else if isCondemned { drop(item, &actions) }
    if isCondemned { condemn(worker, over: [item], &actions) }
  }

  /// Nobody wants the item any more, which its worker runs, and no more than that of it: that is told, and given a while.
  mutating func abandon(_ item: PoolItem, _ worker: PoolWorker, _ actions: inout Actions) {
    var item = item
    if item.sentTasks != nil {
      // Unless it has just been finished, or it is only the part whose answers are on their way.
      guard worker.running.contains(where: { $0 === item }) else { return }
      item = worker.isolateTask(of: item)
    }
    let control = item.controlled()
    guard !control.isCancelled else { return }
    control.isCancelled = true
    control.patienceEnds = now + control.grace
    actions.add(.cancel(worker.lane, item.sequence))
    watch(item)
  }

  /// What the worker runs was condemned, so the kill hits nothing that comes after. From now on the items are none of the
  /// worker's: they are settled, or will be run elsewhere.
  mutating func condemn(_ worker: PoolWorker, over items: [PoolItem], _ actions: inout Actions) {
    for item in items { worker.remove(item) }
    putBack(worker.withdrawUnbegun())
    worker.stage = .condemned
    totals.ended += 1
    actions.add(.kill(worker.process))
    needsBalance = true
  }
}
