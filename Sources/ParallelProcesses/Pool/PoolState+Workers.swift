import DequeModule
import ParallelCore
import SystemPackage

extension PoolState {
  /// At the beginning, and whenever a worker has gone: as many as there should be.
  mutating func launchMissing(_ actions: inout Actions) {
    switch phase {
    case .open: break
    case .draining where hasWork: break
    default: return
    }
    while workers.count + launching < targetWorkers {
      launching += 1
      actions.add(.launch)
    }
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
    // With other workers there, the pool goes on with fewer; their deaths bring the next attempt.
    if workers.isEmpty && launching == 0 {
      if failedStarts >= Self.startAttempts { fail(error, &actions) } else { launchMissing(&actions) }
    }
    finishIfOver(&actions)
    return actions.all
  }

  mutating func isReady(_ number: Int) -> [Action] {
    guard let worker = workers[number], worker.stage == .starting else { return [] }
    failedStarts = 0
    worker.stage = .ready
    var actions = Actions()
    assign(&actions)
    refill(worker, number, &actions)
    endIfDone(&actions)
    return actions.all
  }

  /// The worker can't work, and the next one could not either.
  mutating func setupFailed(_ number: Int, _ error: ParallelError) -> [Action] {
    var actions = Actions()
    if let worker = workers.removeValue(forKey: number) { dying[number] = worker.process }
    fail(error, &actions)
    return actions.all
  }

  /// Answers to items, in the order in which they were sent. `areCredible` is false if these can't all be answers to
  /// what was sent: then the worker is to be condemned.
  mutating func answered(_ number: Int, _ frames: [Frame]) -> (actions: [Action], areCredible: Bool) {
    guard let worker = workers[number] else { return ([], true) }
    var actions = Actions()
    for frame in frames {
      guard let item = worker.items.first, item.sequence == frame.sequence,
        worker.lane.hasBegun(frame.sequence)
      else {
        return (actions.all, false)
      }
      worker.items.removeFirst()
      worker.pace.record(nanoseconds: frame.value)
      item.stage = .finished
      actions.add(.resolve(item, .answer(Answer(frame, worker: worker.process.processID))))
    }
    refill(worker, number, &actions)
    endIfDone(&actions)
    return (actions.all, true)
  }

  /// The worker has crashed, been killed or gone mad. `failure` is made for the item that takes the blame.
  mutating func died(_ number: Int, isGone: Bool, _ failure: (PoolItem) -> any Error) -> [Action] {
    var actions = Actions()
    if let worker = workers.removeValue(forKey: number) {
      dying[number] = worker.process
      if worker.stage == .starting { failedStarts += 1 }
      settle(worker, failure, &actions)
      if failedStarts >= Self.startAttempts {
        fail(
          ParallelError(.workerStart, "\(failedStarts) workers in a row died before they were ready"),
          &actions)
      }
      launchMissing(&actions)
      assign(&actions)
    }
    if isGone { dying[number] = nil }
    endIfDone(&actions)
    return actions.all
  }

  /// What becomes of a dead worker's items: those that it had not begun go back to the head of the queue, the one that
  /// it was running takes the blame.
  private mutating func settle(
    _ worker: PoolWorker, _ failure: (PoolItem) -> any Error, _ actions: inout Actions
  ) {
    for item in worker.items.reversed() {
      if worker.lane.withdraw(item.sequence) || !worker.lane.hasBegun(item.sequence) {
        item.stage = .waiting
        waiting.prepend(item)
      } else {
        item.stage = .finished
        actions.add(.resolve(item, .failed(failure(item))))
      }
    }
  }
}
