import ParallelCore

/// How many workers there are, and which of them work.
///
/// Each worker that is ready is a spare first. As many as the pool is to have are promoted and get items; the others
/// wait for their turn. A worker that is leaving keeps its place, and works, until a spare is there in its stead.
extension PoolState {
  var isWorking: Bool {
    switch phase {
    case .open, .draining: true
    case .ending, .failed: false
    }
  }

  var wantsWorkers: Bool {
    switch phase {
    case .open: true
    case .draining: hasUnplaced
    case .ending, .failed: false
    }
  }

  /// How many workers there should be, spares included, those that are leaving not.
  private var desiredWorkers: Int {
    if case .open = phase { targetWorkers + policy.hotSpares } else { targetWorkers }
  }

  /// How many there are of those.
  private var stayingWorkers: Int { workers.values.count(where: \.isStaying) }

  private func count(_ stage: PoolWorker.Stage) -> Int { workers.values.count { $0.stage == stage } }

  /// After workers have come, gone, or reached a limit.
  mutating func balance(_ actions: inout Actions) {
    needsBalance = false
    guard isWorking else { return }
    replaceLeaving(&actions)
    dismissSurplus(&actions)
    promoteSpares()
    launchMissing(&actions)
    assign(&actions)
    for worker in workers.values where worker.stage == .ready && worker.items.isEmpty {
      refill(worker, &actions)
    }
  }

  // MARK: Replacing

  private mutating func replaceLeaving(_ actions: inout Actions) {
    for worker in workers.values where worker.stage == .finishing && worker.items.isEmpty {
      retire(worker, &actions)
    }
    // A worker that is on its way has claimed its successor.
    var spares = count(.spare) - workers.values.count { $0.stage == .finishing && $0.isLeaving }
    for worker in workers.values where worker.stage == .ready && worker.isLeaving {
      let isExhausted = worker.isExhausted(policy)
      guard worker.isDue || isExhausted && worker.items.isEmpty else { continue }
      if spares > 0 {
        spares -= 1
        totals.recycled += 1
        finishOff(worker, &actions)
      } else if isExhausted, worker.items.isEmpty, failedStarts > 0 {
        // Of no use, and perhaps in the way of its successor.
        totals.recycled += 1
        retire(worker, &actions)
      }
    }
  }

  /// It gets nothing more, and goes when it has finished what it has begun.
  private mutating func finishOff(_ worker: PoolWorker, _ actions: inout Actions) {
    putBack(worker.withdrawUnbegun())
    if worker.items.isEmpty { retire(worker, &actions) } else { worker.stage = .finishing }
  }

  mutating func retire(_ worker: PoolWorker, _ actions: inout Actions) {
    worker.lane.post(Frame(kind: .end))
    actions.touch(worker.lane)
    worker.stage = .retiring
    actions.add(.retire(worker.process))
  }

  /// The worker's time is over.
  mutating func becomesDue(_ number: Int) {
    guard let worker = workers[number], worker.isStaying || worker.stage == .ready else { return }
    worker.isDue = true
    worker.isLeaving = true
    needsBalance = true
  }

  // MARK: Numbers

  /// The pool is to have fewer workers.
  private mutating func dismissSurplus(_ actions: inout Actions) {
    while count(.ready) > targetWorkers {
      let ready = workers.values.filter { $0.stage == .ready }
      guard let least = ready.min(by: { $0.heldTasks < $1.heldTasks }) else { break }
      finishOff(least, &actions)
    }
    var surplus = stayingWorkers - desiredWorkers
    for stage in [PoolWorker.Stage.starting, .spare] {
      for worker in workers.values.reversed() where surplus > 0 && worker.stage == stage && worker.isStaying {
        surplus -= 1
        retire(worker, &actions)
      }
    }
  }

  private mutating func promoteSpares() {
    var places = targetWorkers - count(.ready) - count(.finishing)
    for worker in workers.values where places > 0 && worker.stage == .spare {
      places -= 1
      worker.stage = .ready
    }
  }

  /// As many as there should be.
  private mutating func launchMissing(_ actions: inout Actions) {
    guard wantsWorkers else { return }
    var missing = desiredWorkers - stayingWorkers - launching
    // No more than there is work for, once the end is in sight.
    if case .draining = phase { missing = min(missing, waiting.count + delayed.count - launching) }
    while missing > 0 {
      missing -= 1
      launching += 1
      if launchDelay > .zero { delayedLaunches += 1 }
      actions.add(.launch(after: launchDelay))
    }
  }

  /// Nothing at first; then longer and longer, so that what is short (memory, descriptors) can recover.
  private var launchDelay: Duration {
    failedStarts == 0 ? .zero : min(.seconds(5), .milliseconds(25) * (1 << min(failedStarts, 10)))
  }

  /// Right before a launch: false if it is no longer wanted.
  mutating func beginsLaunch() -> Bool {
    if wantsWorkers, stayingWorkers + launching <= desiredWorkers { return true }
    launching -= 1
    return false
  }

  /// The pool is to have so many workers from now on.
  mutating func resize(to count: Int, at now: Deadline) -> [Action] {
    event(at: now) { state, _ in
      state.targetWorkers = count
      state.needsBalance = true
    }
  }
}

extension PoolWorker {
  /// Whether it is, or will be, one of those that the pool is to have.
  fileprivate var isStaying: Bool {
    switch stage {
    case .starting, .spare, .ready: !isLeaving
    case .finishing, .retiring, .dying, .condemned: false
    }
  }
}
