import DequeModule
import ParallelCore

extension PoolState {
  // MARK: Coming

  /// At the beginning, and whenever a worker has gone: as many as there should be.
  mutating func launchMissing(_ actions: inout Actions) {
    guard wantsWorkers else { return }
    while workers.count + launching < targetWorkers {
      launching += 1
      if launchDelay > .zero { delayedLaunches += 1 }
      actions.add(.launch(after: launchDelay))
    }
  }

  private var wantsWorkers: Bool {
    switch phase {
    case .open: true
    case .draining: hasWork
    case .ending, .failed: false
    }
  }

  /// Nothing at first; then longer and longer, so that what is short (memory, descriptors) can recover.
  private var launchDelay: Duration {
    failedStarts == 0 ? .zero : min(.seconds(5), .milliseconds(25) * (1 << min(failedStarts, 10)))
  }

  /// Right before a launch: false if it is no longer wanted.
  mutating func beginsLaunch() -> Bool {
    if wantsWorkers { return true }
    launching -= 1
    return false
  }

  /// A launch has worked; returns the worker's number.
  mutating func launched(_ process: any RunningWorker) -> (number: Int, actions: [Action]) {
    launching -= 1
    let number = nextWorker
    nextWorker += 1
    switch phase {
    case .open, .draining:
      workers[number] = PoolWorker(process)
      return (number, [])
    case .ending, .failed:
      dying[number] = process
      return (number, [.kill(process)])
    }
  }

  /// A launch has not worked.
  mutating func launchFailed(_ error: ParallelError) -> [Action] {
    launching -= 1
    failedStarts += 1
    var actions = Actions()
    failIfHopeless(error, &actions)
    launchMissing(&actions)
    finishIfOver(&actions)
    return actions.all
  }

  private mutating func failIfHopeless(_ error: ParallelError, _ actions: inout Actions) {
    if failedStarts >= Self.startAttempts, workers.isEmpty, wantsWorkers { fail(error, &actions) }
  }

  mutating func isReady(_ number: Int) -> [Action] {
    guard let worker = workers[number], worker.stage == .starting else { return [] }
    worker.stage = .ready
    var actions = Actions()
    assign(&actions)
    refill(worker, number, &actions)
    endIfDone(&actions)
    return actions.all
  }

  func stage(of number: Int) -> PoolWorker.Stage? { workers[number]?.stage }

  /// The worker can't work, and the next one could not either. It ends by itself, by and by, unless it has ended.
  mutating func setupFailed(_ number: Int, isGone: Bool, _ error: ParallelError) -> [Action] {
    var actions = Actions()
    let process = workers.removeValue(forKey: number)?.process
    fail(error, &actions)
    if let process, !isGone { dying[number] = process }
    finishIfOver(&actions)
    return actions.all
  }

  // MARK: Working

  /// Answers to items, in the order in which they were sent. `areCredible` is false if these can't all be answers to
  /// what was sent: then the worker is to be condemned.
  mutating func answered(
    _ number: Int, _ frames: some Sequence<Frame>
  ) -> (actions: [Action], areCredible: Bool) {
    guard let worker = workers[number] else { return ([], true) }
    var actions = Actions()
    for frame in frames {
      guard let item = worker.items.first, item.sequence == frame.sequence,
        worker.lane.hasBegun(frame.sequence)
      else { return (actions.all, false) }
      worker.items.removeFirst()
      worker.hasAnswered = true
      worker.pace.record(nanoseconds: frame.value)
      item.stage = .finished
      actions.add(.resolve(item, .answer(Answer(frame, worker: worker.process.processID))))
    }
    failedStarts = 0
    refill(worker, number, &actions)
    endIfDone(&actions)
    return (actions.all, true)
  }

  // MARK: Going

  /// The worker has crashed, but some of its threads may go on for a moment: it must not begin anything more.
  mutating func freeze(_ number: Int) -> [Action] {
    guard let worker = workers[number] else { return [] }
    if worker.stage != .starting { worker.stage = .dying }
    var actions = Actions()
    putBack(worker.withdrawUnbegun())
    assign(&actions)
    return actions.all
  }

  /// Whether the worker has sent an answer that was not read yet.
  func hasUnreadAnswer(_ number: Int) -> Bool {
    guard let worker = workers[number], let item = worker.items.first else { return false }
    return worker.lane.hasFinished(item.sequence)
  }

  /// The worker has crashed, been killed or gone mad. `failure` says so to the item that takes the blame, or, with nil,
  /// of the start.
  mutating func died(_ number: Int, isGone: Bool, _ failure: (PoolItem?) -> any Error) -> [Action] {
    var actions = Actions()
    if let worker = workers.removeValue(forKey: number) {
      dying[number] = worker.process
      let ranSomething = settle(worker, failure, &actions)
      if ranSomething || worker.hasAnswered { failedStarts = 0 } else { failedStarts += 1 }
      if worker.stage == .starting {
        let message = "\(failedStarts) workers in a row died before they were ready"
        let reason = failure(nil)
        failIfHopeless(ParallelError(.workerStart, message, underlying: reason), &actions)
      }
      launchMissing(&actions)
      assign(&actions)
    }
    if isGone { dying[number] = nil }
    endIfDone(&actions)
    return actions.all
  }

  /// What becomes of a dead worker's items: those that it had not begun go back to the head of the queue, the one that
  /// it was running takes the blame. Returns whether there was one.
  private mutating func settle(
    _ worker: PoolWorker, _ failure: (PoolItem?) -> any Error, _ actions: inout Actions
  ) -> Bool {
    putBack(worker.withdrawUnbegun())
    for item in worker.items {
      item.stage = .finished
      actions.add(.resolve(item, .failed(failure(item))))
    }
    return !worker.items.isEmpty
  }

  private mutating func putBack(_ items: [PoolItem]) {
    for item in items.reversed() {
      item.stage = .waiting
      waiting.prepend(item)
    }
  }
}
