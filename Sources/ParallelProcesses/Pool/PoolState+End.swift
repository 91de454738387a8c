import DequeModule
import ParallelCore

extension PoolState {
  /// The pool takes no more items.
  mutating func close() {
    if case .open = phase { phase = .draining }
  }

  /// What becomes of the items that it has depends on `mode`.
  mutating func shutDown(_ mode: ShutdownMode, at now: Deadline) -> [Action] {
    event(at: now) { state, actions in
      state.close()
      switch mode.kind {
      case .drain:
        if let limit = mode.deadline { state.timers.add(.drainEnd, at: state.now + limit.inNanoseconds) }
      case .cancelPending:
        state.retriesFailures = false
        for worker in state.workers.values { state.putBack(worker.withdrawUnbegun()) }
        state.cancelWaiting(with: CancellationError(), &actions)
      case .terminate: state.terminate(with: CancellationError(), &actions)
      }
    }
  }

  /// The time for draining is over.
  mutating func endDraining(_ actions: inout Actions) {
    if case .draining = phase { terminate(with: CancellationError(), &actions) }
  }

  /// All items get `error`, now and from now on.
  mutating func fail(_ error: ParallelError, _ actions: inout Actions) {
    phase = .failed(error)
    terminate(with: error, &actions)
  }

  private mutating func terminate(with error: any Error, _ actions: inout Actions) {
    cancelWaiting(with: error, &actions)
    for worker in workers.values {
      for item in worker.items where item.stage != .finished {
        _ = worker.lane.withdraw(item.sequence)
        if item.sentTasks != nil { _ = worker.lane.shorten(item.sequence, to: 0) }
        finish(item, .failed(error), &actions)
      }
      dying[worker.number] = worker.process
    }
    workers.removeAll()
    for (_, process) in dying.sorted(by: { $0.key < $1.key }) { actions.add(.kill(process)) }
    timers.removeAll()
    if case .draining = phase { phase = .ending }
  }

  private mutating func cancelWaiting(with error: any Error, _ actions: inout Actions) {
    while let item = waiting.popFirst() { finish(item, .failed(error), &actions) }
    for (_, item) in delayed.sorted(by: { $0.key < $1.key }) { finish(item, .failed(error), &actions) }
    delayed = [:]
    alone = []
  }

  /// With nothing left to do, a draining pool lets its workers go.
  mutating func endIfDone(_ actions: inout Actions) {
    switch phase {
    case .open: return
    case .draining:
      guard !hasWork else { return }
      phase = .ending
      timers.removeAll()
      for worker in workers.values where worker.stage != .retiring && worker.stage != .condemned {
        retire(worker, &actions)
      }
    case .ending, .failed: break
    }
    if hasEnded { actions.add(.finish) }
  }

  /// After something that was under way turned out not to be wanted.
  mutating func checkEnd() -> [Action] { event(at: nil) { _, _ in } }
}
