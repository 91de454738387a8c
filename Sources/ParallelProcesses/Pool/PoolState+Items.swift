import DequeModule
import ParallelCore
import SystemPackage

extension PoolState {
  /// New items. The time matters only if one of them has a control.
  mutating func submit(_ items: [PoolItem], at now: Deadline?) -> [Action] {
    event(at: now) { state, actions in
      state.totals.submitted += items.count
      switch state.phase {
      case .open:
        // With others waiting no worker has room.
        let isFirst = state.waiting.isEmpty
        state.waiting.append(items)
        for item in items where item.control != nil { state.watch(item) }
        if isFirst { state.assign(&actions) }
      case .draining, .ending: state.refuse(items, Self.shutDownError, &actions)
      case .failed(let error): state.refuse(items, error, &actions)
      }
    }
  }

  private mutating func refuse(_ items: [PoolItem], _ error: ParallelError, _ actions: inout Actions) {
    for item in items { finish(item, .failed(error), &actions) }
  }

  /// The item's caller wants it no more.
  mutating func cancel(_ item: PoolItem, at now: Deadline) -> [Action] {
    event(at: now) { state, actions in
      switch item.stage {
      case .finished: break
      case .waiting:
        state.drop(item, &actions)
        state.waiting.noteCancelled()
      case .delayed:
        state.delayed[item.controlled().delayNumber] = nil
        state.drop(item, &actions)
      case .sent(let number):
        guard let worker = state.workers[number] else { return }
        if state.takeBack(item, from: worker) {
          state.drop(item, &actions)
          state.refill(worker, &actions)
        } else {
          state.abandon(item, worker, &actions)
        }
      }
    }
  }

  /// True if the worker has not begun the item.
  mutating func takeBack(_ item: PoolItem, from worker: PoolWorker) -> Bool {
    guard worker.lane.withdraw(item.sequence) else { return false }
    worker.items.removeAll { $0 === item }
    worker.itemsGiven -= 1
    return true
  }

  // MARK: Ends

  /// The item has an outcome.
  mutating func finish(_ item: PoolItem, _ outcome: ItemOutcome, _ actions: inout Actions) {
    close(item)
    switch outcome {
    case .answer(let answer) where answer.kind == .result: totals.finished += 1
    case .answer: totals.failed += 1
    case .failed(let error):
      totals.failed += 1
      if reports { actions.add(.report(.taskFailed(TaskEvent(item), error))) }
    }
    actions.add(.resolve(item, outcome))
  }

  /// Nobody wants the item's outcome.
  mutating func drop(_ item: PoolItem, _ actions: inout Actions) {
    close(item)
    totals.cancelled += 1
    actions.add(.drop(item))
  }

  private mutating func close(_ item: PoolItem) {
    item.stage = .finished
    if let control = item.control { timers.setCheck(of: item, control, to: .never) }
  }

  // MARK: Places

  /// Gives waiting items to workers that have room, idle ones first.
  mutating func assign(_ actions: inout Actions) {
    while let worker = workerWithRoom(), let item = waiting.popFirst() { send(item, to: worker, &actions) }
  }

  private func workerWithRoom() -> PoolWorker? {
    var best: PoolWorker?
    for worker in workers.values where worker.hasRoom(policy) {
      if worker.items.isEmpty { return worker }
      if worker.items.count < best?.items.count ?? .max { best = worker }
    }
    return best
  }

  /// After a worker has got rid of items: gives it the next, once it is half empty, so that one message carries many.
  mutating func refill(_ worker: PoolWorker, _ actions: inout Actions) {
    guard worker.stage == .ready, worker.items.count <= worker.depth / 2 else { return }
    while worker.hasRoom(policy) {
      guard let item = waiting.popFirst() else {
        if worker.items.isEmpty { steal(for: worker, &actions) }
        return
      }
      send(item, to: worker, &actions)
    }
  }

  /// An idle worker takes half of what the fullest one has not begun, so that nothing waits behind a long item.
  mutating func steal(for thief: PoolWorker, _ actions: inout Actions) {
    // Not simply the fullest: it may have begun all that it holds, its answers still on their way.
    let victims = workers.values.lazy.filter { $0.items.count > 1 && $0.hasUnbegun }
    guard let victim = victims.max(by: { $0.items.count < $1.items.count }) else { return }
    let share = min(victim.items.count / 2, thief.depth)
    var stolen: [PoolItem] = []
    while stolen.count < share, let item = victim.items.last, victim.lane.withdraw(item.sequence) {
      victim.items.removeLast()
      victim.itemsGiven -= 1
      stolen.append(item)
    }
    for item in stolen.reversed() {
      if thief.hasRoom(policy) { send(item, to: thief, &actions) } else { putBack([item]) }
    }
  }

  mutating func putBack(_ items: [PoolItem]) {
    for item in items.reversed() {
      item.stage = .waiting
      waiting.prepend(item)
    }
  }

  private mutating func send(_ item: PoolItem, to worker: PoolWorker, _ actions: inout Actions) {
    let descriptors: PassedDescriptors?
    do throws(Errno) {
      // The item keeps its own, for the case that it has to be sent again.
      descriptors = try .duplicating(item.message.descriptors)
    } catch {
      let failure = ParallelError(.system, "the task's descriptors can't be passed on", underlying: error)
      return finish(item, .failed(failure), &actions)
    }
    if worker.knownTypes.insert(item.type.number).inserted {
      worker.lane.post(Frame(kind: .defineType, value: item.type.number, payload: item.type.reference))
    }
    item.stage = .sent(worker: worker.number)
    item.sequence = worker.nextSequence
    worker.nextSequence += 1
    worker.items.append(item)
    worker.lane.announce(item.sequence)
    worker.lane.post(
      Frame(
        kind: .run, sequence: item.sequence, value: item.type.number, payload: item.message.bytes[...],
        descriptors: descriptors, memory: item.memory))
    actions.touch(worker.lane)
    note(item, sentTo: worker)
  }

  private mutating func note(_ item: PoolItem, sentTo worker: PoolWorker) {
    worker.itemsGiven += 1
    worker.record.bytesSent += item.message.bytes.count
    if policy.looksAtMemory {
      worker.isUnmeasured = true
      measureLater()
    }
    if !worker.isLeaving, worker.isNearlyExhausted(policy) {
      worker.isLeaving = true
      needsBalance = true
    }
    if let control = item.control {
      control.breach = nil
      watch(item)
    }
  }

  static let shutDownError = ParallelError(.shutDown, "the pool was shut down and takes no more tasks")
}
