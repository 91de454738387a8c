import DequeModule
import ParallelCore
import SystemPackage

extension PoolState {
  /// New items. The time matters only if one of them has a control or a batch.
  mutating func submit(_ items: [PoolItem], at now: Deadline?) -> [Action] {
    event(at: now) { state, actions in
      state.totals.submitted += items.reduce(0) { $0 + $1.count }
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

  /// The item's caller wants it no more, nor anything else of its batch.
  mutating func cancel(_ item: PoolItem, at now: Deadline) -> [Action] {
    event(at: now) { state, actions in
      var relieved: [PoolWorker] = []
      for part in state.parts(of: item) {
        if let worker = state.cancel(part, &actions) { relieved.append(worker) }
      }
      // Not before: a worker that became idle would take other parts over.
      for worker in relieved { state.refill(worker, &actions) }
    }
  }

  private func parts(of item: PoolItem) -> [PoolItem] {
    guard let batch = item.batch, item.count < batch.count else { return [item] }
    let known = [waiting.all, Array(delayed.values)] + workers.values.map { Array($0.items) }
    return known.joined().filter { $0.batch === batch }
  }

  /// Returns the worker that is rid of it, or of a part of it.
  private mutating func cancel(_ item: PoolItem, _ actions: inout Actions) -> PoolWorker? {
    switch item.stage {
    case .finished: break
    case .waiting:
      drop(item, &actions)
      waiting.noteCancelled(item.count)
    case .delayed:
      forgetDelayed(item.controlled())
      drop(item, &actions)
    case .sent(let number):
      guard let worker = workers[number] else { break }
      let unbegun = worker.takeBack(item)
      if let unbegun { drop(unbegun, &actions) }
      if unbegun !== item { abandon(item, worker, &actions) }
      return unbegun == nil ? nil : worker
    }
    return nil
  }

  // MARK: Ends

  /// The item has an outcome.
  mutating func finish(_ item: PoolItem, _ outcome: ItemOutcome, _ actions: inout Actions) {
    close(item)
    switch outcome {
    case .answer(let answer) where answer.kind == .result: totals.finished += 1
    case .answer: totals.failed += 1
    case .failed(let error):
      totals.failed += item.count
      guard reports else { break }
      for _ in item.tasks { actions.add(.report(.taskFailed(TaskEvent(item), error))) }
    }
    for task in item.tasks { actions.add(.resolve(item.sink, task: task, outcome)) }
  }

  /// Nobody wants the item's outcome.
  mutating func drop(_ item: PoolItem, _ actions: inout Actions) {
    close(item)
    totals.cancelled += item.count
    for task in item.tasks { actions.add(.drop(item.sink, task: task)) }
  }

  /// The first tasks of a batch have their results; it has others, or these were the last.
  mutating func finishFirst(
    of item: PoolItem, _ worker: PoolWorker, _ results: AnswerRun, _ actions: inout Actions
  ) {
    totals.finished += results.count
    actions.add(.resolveAll(item.sink, from: item.tasks.lowerBound, results))
    if item.count > results.count { return worker.dropFirst(results.count, of: item) }
    close(item)
    worker.removeAnswered(item)
  }

  private mutating func close(_ item: PoolItem) {
    item.stage = .finished
    if let control = item.control { timers.setCheck(of: item, control, to: .never) }
  }

  // MARK: Places

  /// Gives waiting items to workers that have room, idle ones first.
  mutating func assign(_ actions: inout Actions) {
    if !alone.isEmpty { assignAlone(&actions) }
    while !waiting.isEmpty, let worker = workerWithRoom() {
      _ = give(share(atLeast: 1), to: worker, &actions)
    }
  }

  private func workerWithRoom() -> PoolWorker? {
    var best: PoolWorker?
    for worker in workers.values where worker.room(policy) > 0 {
      if worker.items.isEmpty { return worker }
      if worker.heldTasks < best?.heldTasks ?? .max { best = worker }
    }
    return best
  }

  /// After a worker has got rid of items: gives it the next, once it is half empty, so that one message carries many.
  mutating func refill(_ worker: PoolWorker, _ actions: inout Actions) {
    guard worker.stage == .ready, policy.runsSideBySide || worker.heldTasks <= worker.depth / 2 else {
      return
    }
    if waiting.isEmpty {
      if worker.items.isEmpty { steal(for: worker, &actions) }
      return
    }
    var share = share(atLeast: max(1, worker.pace.count(in: Self.smallestBatch)))
    while share > 0, worker.room(policy) > 0, !waiting.isEmpty {
      share -= give(share, to: worker, &actions)
    }
  }

  /// What takes less time is not split any further when the end is near: who is done first takes some from another.
  private static var smallestBatch: Duration { .microseconds(50) }

  /// What each of the working workers would get of the waiting tasks: so the last ones are shared by all.
  private func share(atLeast least: Int) -> Int {
    let count = workers.values.count { $0.stage == .ready }
    return max(least, (waiting.count + count - 1) / max(1, count))
  }

  /// Sends the next item to the worker, which has room; no more of it than `most` tasks. Returns how many these are.
  private mutating func give(_ most: Int, to worker: PoolWorker, _ actions: inout Actions) -> Int {
    guard let item = waiting.popFirst() else { return 0 }
    let most = policy.runsSideBySide ? 1 : max(1, min(most, worker.room(policy)))
    if item.count > most { waiting.prepend(item.split(at: item.tasks.lowerBound + most)) }
    send(item, to: worker, &actions)
    return item.count
  }

  /// An idle worker takes half of what the fullest one has not begun, so that nothing waits behind a long task.
  mutating func steal(for thief: PoolWorker, _ actions: inout Actions) {
    // Not simply the fullest: it may have begun all that it holds, its answers still on their way.
    let victims = workers.values.lazy.filter { $0.heldTasks > 1 && $0.hasUnbegun }
    guard let victim = victims.max(by: { $0.heldTasks < $1.heldTasks }) else { return }
    var share = min(victim.heldTasks / 2, thief.room(policy))
    var stolen: [PoolItem] = []
    while share > 0, let item = victim.items.last, let part = victim.takeBack(item, atMost: share) {
      share -= part.count
      stolen.append(part)
    }
    for item in stolen.reversed() { send(item, to: thief, &actions) }
  }

  mutating func putBack(_ items: [PoolItem]) {
    for item in items.reversed() {
      if let control = item.control, control.runsAlone {
        waitAlone(item, control)
      } else {
        item.stage = .waiting
        waiting.prepend(item)
      }
    }
  }

  mutating func send(_ item: PoolItem, to worker: PoolWorker, _ actions: inout Actions) {
    if finishIfTooLate(item, &actions) { return }
    let descriptors: PassedDescriptors?
    do throws(Errno) {
      // The item keeps its own, for the case that it has to be sent again.
      descriptors = try .duplicating(item.descriptors)
    } catch {
      let failure = ParallelError(.system, "the task's descriptors can't be passed on", underlying: error)
      finish(item, .failed(failure), &actions)
      // The worker that was to get it may have nothing now.
      needsBalance = true
      return
    }
    if worker.knownTypes.insert(item.type.number).inserted {
      worker.lane.post(Frame(kind: .defineType, value: item.type.number, payload: item.type.reference))
    }
    item.stage = .sent(worker: worker.number)
    item.sequence = worker.takeSequence()
    worker.add(item)
    let isBatch = item.count > 1
    item.sentTasks = isBatch ? item.tasks : nil
    if isBatch {
      worker.lane.announce(item.sequence, tasks: item.count)
      lookForResultsLater()
    } else {
      worker.lane.announce(item.sequence)
    }
    let frame = Frame(
      kind: isBatch ? .runBatch : policy.runsSideBySide ? .runBeside : .run, sequence: item.sequence,
      value: item.type.number, payload: item.payload, descriptors: descriptors, memory: item.memory)
    worker.record.bytesSent += frame.payloadSize
    worker.lane.post(frame)
    actions.touch(worker.lane)
    note(item, sentTo: worker)
  }

  private mutating func note(_ item: PoolItem, sentTo worker: PoolWorker) {
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
