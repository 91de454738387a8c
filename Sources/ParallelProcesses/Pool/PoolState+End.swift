import DequeModule
import ParallelCore

extension PoolState {
  /// The pool takes no more items.
  mutating func close() {
    if case .open = phase { phase = .draining }
  }

  /// What becomes of the items that it has depends on `mode`.
  mutating func shutDown(_ mode: ShutdownMode) -> [Action] {
    close()
    var actions = Actions()
    switch mode {
    case .drain: break
    case .cancelPending:
      for worker in workers.values {
        for item in worker.withdrawUnbegun() {
          item.stage = .waiting
          waiting.append(item)
        }
      }
      cancelWaiting(with: CancellationError(), &actions)
    case .terminate: terminate(with: CancellationError(), &actions)
    }
    endIfDone(&actions)
    finishIfOver(&actions)
    return actions.all
  }

  /// All items get `error`, now and from now on.
  mutating func fail(_ error: ParallelError, _ actions: inout Actions) {
    phase = .failed(error)
    terminate(with: error, &actions)
  }

  private mutating func terminate(with error: any Error, _ actions: inout Actions) {
    cancelWaiting(with: error, &actions)
    for (number, worker) in workers {
      for item in worker.items {
        _ = worker.lane.withdraw(item.sequence)
        item.stage = .finished
        actions.add(.resolve(item, .failed(error)))
      }
      dying[number] = worker.process
    }
    workers = [:]
    for process in dying.values { actions.add(.kill(process)) }
    if case .draining = phase { phase = .ending }
  }

  private mutating func cancelWaiting(with error: any Error, _ actions: inout Actions) {
    while let item = waiting.popFirst() {
      guard item.stage == .waiting else { continue }
      item.stage = .finished
      actions.add(.resolve(item, .failed(error)))
    }
    cancelledWaiting = 0
  }

  /// With nothing left to do, a draining pool lets its workers go.
  mutating func endIfDone(_ actions: inout Actions) {
    if case .draining = phase, !hasWork {
      phase = .ending
      for worker in workers.values {
        worker.lane.post(Frame(kind: .end))
        actions.touch(worker.lane)
        worker.stage = .retiring
        actions.add(.retire(worker.process))
      }
    }
    finishIfOver(&actions)
  }

  /// After something that was under way turned out not to be wanted.
  func checkEnd() -> [Action] {
    var actions = Actions()
    finishIfOver(&actions)
    return actions.all
  }

  func finishIfOver(_ actions: inout Actions) {
    switch phase {
    case .ending, .failed: if isOver { actions.add(.finish) }
    case .open, .draining: break
    }
  }
}
