import ParallelCore
import Testing

@testable import ParallelProcesses

extension SimulatedPool {
  /// What must hold after every event.
  func check() {
    require(state.launching == launches, "\(state.launching) launches instead of \(launches)")
    for worker in workers.values {
      require(!worker.simulatedLane.hasForgottenFrames, "nobody flushes")
      require(!worker.isConfused, "a worker can't make sense of its lane")
    }
    checkWorkers()
    // Most are as they were after the last event, and most events are about few items.
    for item in items where !item.isChecked || item.settlements > 1 {
      require(item.timesBegun <= 1 + retries(of: item), "begun \(item.timesBegun) times")
      require(item.settlements <= 1, "settled \(item.settlements) times")
      if item.isSettled {
        item.isChecked = true
        check(item)
      }
    }
  }

  private func checkWorkers() {
    var active = 0
    var idles = false
    for worker in state.workers.values {
      if let limit = state.policy.recycleAfterTasks {
        require(worker.tasksGiven <= limit, "\(worker.tasksGiven) tasks for a worker that may have \(limit)")
      }
      if state.policy.tasksPerWorker > 1 {
        require(worker.heldTasks <= state.policy.tasksPerWorker, "\(worker.heldTasks) tasks side by side")
      }
      let held = worker.items.reduce(0) { $0 + $1.count }
      require(worker.heldTasks == held, "\(worker.heldTasks) tasks instead of \(held)")
      require(worker.items.allSatisfy { $0.count > 0 }, "an item without a task")
      switch worker.stage {
      case .ready:
        active += 1
        if worker.items.isEmpty, !worker.isExhausted(state.policy) { idles = true }
        require(
          worker.items.count == 1 || !worker.items.contains { $0.control?.runsAlone == true },
          "an item that is to run alone has company")
      case .starting, .spare, .retiring: require(worker.items.isEmpty, "\(worker.stage) with items")
      case .finishing, .dying, .condemned: break
      }
    }
    require(active <= target, "\(active) workers work instead of \(target)")
    guard idles else { return }
    require(state.waiting.isEmpty, "a worker idles while items wait")
    for worker in state.workers.values {
      let unbegun = worker.items.reduce(0) { $0 + worker.countUnbegun(in: $1) }
      require(unbegun <= 1, "a worker idles beside \(unbegun) tasks")
    }
  }

  private func retries(of item: SimulatedItem) -> Int {
    (item.options.retries ?? state.policy.retries).count
  }

  private func check(_ item: SimulatedItem) {
    let retries = item.options.retries ?? state.policy.retries
    require(item.drops == 0 || item.wasCancelled, "dropped without a wish")
    guard let outcome = item.outcomes.first else { return }
    switch outcome {
    case .answer(let answer):
      require(SimulatedItem.number(in: answer.payload) == item.number, "another's answer")
      if answer.kind == .result {
        require(item.resultIsWritten, "a result out of nothing")
      } else {
        require(item.timesThrown > 0, "an error out of nothing")
      }
    case .failed(let failure as WorkerFailure): check(item, failure, retries)
    case .failed(is CancellationError):
      require(shutDownModes.contains { $0 != .drain }, "cancelled by nobody")
      if !shutDownModes.contains(where: { $0 == .terminate || $0.deadline != nil }) {
        let runs = workers.values.contains { !$0.isDead && $0.runningItems.contains(item.number) }
        require(!runs, "cancelled while it ran")
      }
    case .failed(let error as ParallelError) where error.code == .shutDown:
      require(!shutDownModes.isEmpty && item.timesBegun == 0, "refused without a shutdown")
    case .failed(let error as ParallelError) where error.code == .workerStart || error.code == .brokenPool:
      guard case .failed = state.phase else { return require(false, "\(error) without a failed pool") }
    case .failed(let error): require(false, "\(error)")
    }
  }

  private func check(_ item: SimulatedItem, _ failure: WorkerFailure, _ retries: RetryPolicy) {
    switch failure.reason {
    case .crashed(let report):
      // Or its worker was ended because of one that ran beside it.
      let isInnocent = report.runningTasks == 0 && state.policy.tasksPerWorker > 1
      require(item.deaths > 0 || isInnocent, "crashed without a death")
      require(!item.resultIsWritten, "crashed with a result")
      require(failure.attempts <= 1 + retries.count, "\(failure.attempts) attempts")
      require(
        item.timesBegun > retries.count || item.wasCancelled
          || !retries.failures.contains(.crashes) || !shutDownModes.isEmpty
          || state.policy.onCrash == .failPool,
        "not retried")
    case .poison(let deaths, _):
      require(deaths >= state.policy.poisonAfter, "poison after \(deaths)")
      // Those that the pool has killed count, too.
      let isKnown = item.deathsAlone >= deaths || state.policy.memoryLimit != nil
      require(isKnown, "poison after \(item.deathsAlone) deaths alone")
    case .deadlineExceeded(_, let hasBegun):
      guard let limit = item.options.deadline else { return require(false, "it has no deadline") }
      // Told earlier, it may end earlier.
      let ahead = item.timesGivenUp > 0 ? min(limit.inNanoseconds / 2, item.options.grace.inNanoseconds) : 0
      require(item.submission + (limit.inNanoseconds - ahead) <= now, "before its deadline")
      require(hasBegun == (item.timesBegun > 0) || !hasBegun && item.timesThrown > 0, "begun or not?")
    case .runLimitExceeded(let limit):
      require(item.options.runLimit == limit, "another limit")
      let grace = item.timesGivenUp > 0 ? 0 : item.options.grace.inNanoseconds
      require(item.submission + limit.inNanoseconds + grace <= now, "too early")
    case .memoryLimitExceeded(let resident, let limit):
      require(resident > limit && limit == state.policy.memoryLimit, "within the limit")
    default: require(false, "\(failure)")
    }
  }
}

// MARK: - Running on

extension SimulatedPool {
  /// Everything goes well from here on, until nothing moves any more.
  func settle() {
    var steps = 0
    while takesAStep() {
      steps += 1
      guard steps < 20_000 else { return require(false, "it never comes to rest") }
    }
  }

  private func takesAStep() -> Bool {
    if launches > 0 {
      launchWorks()
      return true
    }
    if !toMeasure.isEmpty {
      measures(1)
      return true
    }
    for (number, worker) in workers.sorted(by: { $0.key < $1.key }) {
      if worker.isDead {
        isGone(number)
      } else if !worker.isReady {
        becomesReady(number)
      } else if !worker.outgoing.isEmpty {
        delivers(number)
      } else if !worker.running.isEmpty {
        finishes(number)
      } else if worker.hasNext, !worker.isStuck {
        reads(number)
      } else {
        continue
      }
      return true
    }
    // Only time can help the others: those between two attempts, and workers that pretend to have answered.
    guard items.contains(where: { !$0.isSettled }), !alarm.isNever else { return false }
    ring()
    return true
  }

  /// Lets all go on, ends the pool, and checks that nothing is left.
  func settleAndEnd(_ mode: ShutdownMode = .drain) {
    settle()
    require(items.allSatisfy { $0.isSettled }, "an item is left")
    shutDown(mode)
    settle()
    require(finishes > 0, "no end")
    require(items.allSatisfy { $0.settlements == 1 }, "not settled once")
    require(workers.isEmpty, "a worker is left")
  }
}
