import DequeModule
import ParallelCore

extension PoolState {
  // MARK: Coming

  /// A launch has worked; returns the worker's number.
  mutating func launched(_ process: any RunningWorker, at now: Deadline) -> (number: Int, actions: [Action]) {
    let number = nextWorker
    nextWorker += 1
    let actions = event(at: now) { state, actions in
      state.launching -= 1
      switch state.phase {
      case .open, .draining:
        state.workers.append(PoolWorker(process, number: number, at: state.now))
        state.needsBalance = true
        if state.reports { actions.add(.report(.workerStarted(process.processID))) }
      case .ending, .failed:
        state.dying[number] = process
        actions.add(.kill(process))
      }
    }
    return (number, actions)
  }

  /// A launch has not worked.
  mutating func launchFailed(_ error: ParallelError, at now: Deadline) -> [Action] {
    event(at: now) { state, actions in
      state.launching -= 1
      state.failedStarts += 1
      state.failIfHopeless(error, &actions)
      state.needsBalance = true
    }
  }

  private mutating func failIfHopeless(_ error: ParallelError, _ actions: inout Actions) {
    guard failedStarts >= Self.startAttempts, wantsWorkers else { return }
    if !workers.values.contains(where: \.isOfUse) { fail(error, &actions) }
  }

  mutating func isReady(_ number: Int, at now: Deadline) -> [Action] {
    event(at: now) { state, actions in
      guard let worker = state.workers[number], worker.stage == .starting else { return }
      worker.stage = .spare
      worker.record.readyAt = state.now
      if let age = state.policy.recycleAfterAge {
        state.timers.add(.age(number), at: worker.record.startedAt + age.inNanoseconds)
      }
      state.needsBalance = true
      if state.reports { actions.add(.report(.workerReady(worker.process.processID))) }
    }
  }

  func stage(of number: Int) -> PoolWorker.Stage? { workers[number]?.stage }

  /// The worker can't work, and the next one could not either. It ends by itself, by and by, unless it has ended.
  mutating func setupFailed(
    _ number: Int, isGone: Bool, _ error: ParallelError, at now: Deadline
  ) -> [Action] {
    event(at: now) { state, actions in
      let process = state.workers.remove(number)?.process
      state.fail(error, &actions)
      if let process, !isGone { state.dying[number] = process }
    }
  }

  // MARK: Working

  /// Answers to items, in the order in which they were sent. `areCredible` is false if these can't all be answers to
  /// what was sent: then the worker is to be condemned.
  mutating func answered(
    _ number: Int, _ answers: Answers, at now: Deadline
  ) -> (actions: [Action], areCredible: Bool) {
    guard let worker = workers[number] else { return ([], true) }
    var areCredible = true
    let actions = event(at: now) { state, actions in
      var next = 0
      while next < answers.count {
        guard let (item, limit) = worker.itemToAnswer(answers.frames[next].sequence) else {
          // The answer of an item that was condemned may have been on its way; it comes too late, and is the last.
          areCredible = worker.stage == .condemned
          return
        }
        next += state.answered(item, answers, next, atMost: limit, worker, &actions)
      }
      state.failedStarts = 0
      if worker.stage == .finishing || worker.isLeaving || !state.alone.isEmpty { state.needsBalance = true }
      state.refill(worker, &actions)
    }
    return (actions, areCredible)
  }

  /// Returns how many answers have been dealt with: several where tasks of a batch have results.
  private mutating func answered(
    _ item: PoolItem, _ answers: Answers, _ index: Int, atMost limit: Int, _ worker: PoolWorker,
    _ actions: inout Actions
  ) -> Int {
    worker.hasAnswered = true
    if item.sentTasks != nil, item.stage != .finished {
      let results = answers.results(from: index, atMost: limit)
      if results.count > 0 {
        for result in results.range { worker.note(answers.frames[result]) }
        finishFirst(of: item, worker, results, &actions)
        return results.count
      }
    }
    worker.note(answers.frames[index])
    settle(worker.takeFirstTask(of: item), answers.alone(index), answers.frames[index].value, &actions)
    return 1
  }

  private mutating func settle(
    _ item: PoolItem, _ answer: Answer, _ value: UInt64, _ actions: inout Actions
  ) {
    // Settled before: at its deadline, for instance, where the worker could not be killed.
    guard item.stage != .finished else { return }
    if answer.kind == .gaveUp, let failure = breach(of: item) {
      return finish(item, .failed(failure), &actions)
    }
    if answer.kind == .threw || answer.kind == .gaveUp, runsAgain(item, afterError: value, &actions) {
      return
    }
    finish(item, .answer(answer), &actions)
  }

  // MARK: Going

  /// The worker has crashed, but some of its threads may go on for a moment: it must not begin anything more.
  mutating func freeze(_ number: Int, at now: Deadline) -> [Action] {
    event(at: now) { state, actions in
      guard let worker = state.workers[number] else { return }
      // A start that has failed is looked at later; a condemned one is no news.
      if worker.stage != .starting, worker.stage != .condemned { worker.stage = .dying }
      state.putBack(worker.withdrawUnbegun())
      state.needsBalance = true
    }
  }

  /// Whether the worker has sent an answer that was not read yet.
  func hasUnreadAnswer(_ number: Int) -> Bool {
    guard let worker = workers[number] else { return false }
    return worker.items.contains { worker.lane.hasFinished($0.sequence) }
  }

  /// The worker has crashed, been killed or gone mad; or it has ended because it was told to.
  mutating func died(_ number: Int, isGone: Bool, _ report: CrashReport, at now: Deadline) -> [Action] {
    event(at: now) { state, actions in
      if let worker = state.workers.remove(number) {
        state.dying[number] = worker.process
        if worker.stage == .retiring {
          if state.reports { actions.add(.report(.workerRetired(worker.process.processID))) }
        } else {
          state.died(worker, report, &actions)
        }
        state.needsBalance = true
      }
      if isGone { state.dying[number] = nil }
    }
  }

  private mutating func died(_ worker: PoolWorker, _ report: CrashReport, _ actions: inout Actions) {
    putBack(worker.withdrawUnbegun())
    let lost = takeLost(from: worker)
    let wasCondemned = worker.stage == .condemned
    var report = report
    report.runningTasks = wasCondemned ? 0 : lost.count
    report.isOverAnotherTask = wasCondemned
    if reports { actions.add(.report(.workerDied(report))) }
    let blame = wasCondemned ? Blame.none : lost.count > 1 ? .suspect : .culprit
    for item in lost { self.lost(item, .crashed(report), blame, &actions) }
    guard !wasCondemned else { return }
    totals.crashed += 1
    failIfWorthless(lost.last, report, &actions)
    if !lost.isEmpty || worker.hasAnswered { failedStarts = 0 } else { failedStarts += 1 }
    if worker.stage == .starting {
      let message = "\(failedStarts) workers in a row died before they were ready"
      let reason = WorkerFailure(.crashed(report), task: "the start of a worker")
      failIfHopeless(ParallelError(.workerStart, message, underlying: reason), &actions)
    }
    failIfTooManyDie(report, &actions)
  }

  /// The tasks that a dead worker was running: what is left once all answers were read and what it had not begun was taken
  /// back. One, unless it ran several side by side, or has lied.
  private func takeLost(from worker: PoolWorker) -> [PoolItem] {
    var lost: [PoolItem] = []
    while let first = worker.items.first {
      let item = worker.takeFirstTask(of: first)
      guard item.stage != .finished else { continue }
      noteRunTime(of: item, in: worker)
      lost.append(item)
    }
    return lost
  }

  /// Where the pool's work is worth nothing unless all of it is done.
  private mutating func failIfWorthless(
    _ lost: PoolItem?, _ report: CrashReport, _ actions: inout Actions
  ) {
    guard let lost, policy.onCrash == .failPool, case .open = phase else { return }
    fail(
      ParallelError(
        .brokenPool, "a task crashed, and this pool is to fail then",
        underlying: lost.failure(.crashed(report))), &actions)
  }

  private mutating func failIfTooManyDie(_ report: CrashReport, _ actions: inout Actions) {
    guard let limit = policy.restartIntensity, isWorking else { return }
    let period = limit.period.inNanoseconds
    deaths.append(now)
    deaths.removeAll { $0 + period < now }
    guard deaths.count >= limit.deaths else { return }
    let message =
      "\(deaths.count) workers died within \(limit.period), which is more than this pool is to bear"
    let reason = WorkerFailure(.crashed(report), task: "the last of them")
    fail(ParallelError(.brokenPool, message, underlying: reason), &actions)
  }
}

extension PoolWorker {
  /// Whether it will take items, or is busy with them: with such a worker there the pool is not hopeless.
  fileprivate var isOfUse: Bool {
    switch stage {
    case .starting, .spare, .finishing: true
    case .ready: !isLeaving || isDue || !items.isEmpty
    case .retiring, .dying, .condemned: false
    }
  }
}
