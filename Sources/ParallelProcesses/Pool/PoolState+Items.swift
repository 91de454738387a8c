import DequeModule
import ParallelCore
import SystemPackage

extension PoolState {
  /// New items.
  mutating func submit(_ items: [PoolItem]) -> [Action] {
    var actions = Actions()
    switch phase {
    case .open:
      // With others waiting no worker has room.
      let isFirst = waiting.count == cancelledWaiting
      waiting.append(contentsOf: items)
      if isFirst { assign(&actions) }
    case .draining, .ending: refuse(items, Self.shutDownError, &actions)
    case .failed(let error): refuse(items, error, &actions)
    }
    return actions.all
  }

  private func refuse(_ items: [PoolItem], _ error: ParallelError, _ actions: inout Actions) {
    for item in items {
      item.stage = .finished
      actions.add(.resolve(item, .failed(error)))
    }
  }

  /// The item's caller wants it no more.
  mutating func cancel(_ item: PoolItem) -> [Action] {
    switch item.stage {
    case .finished: return []
    case .waiting:
      item.stage = .finished
      cancelledWaiting += 1
      compactWaiting()
      var actions = Actions()
      actions.add(.drop(item))
      endIfDone(&actions)
      return actions.all
    case .sent(let number):
      guard let worker = workers[number] else { return [] }
      let lane = worker.lane
      var actions = Actions()
      if lane.withdraw(item.sequence) {
        worker.items.removeAll { $0 === item }
        item.stage = .finished
        actions.add(.drop(item))
        refill(worker, number, &actions)
        endIfDone(&actions)
      } else {
        // It runs. Its worker is told, and its place is free when the answer has come.
        actions.add(.cancel(lane, item.sequence))
      }
      return actions.all
    }
  }

  /// Gives waiting items to workers that have room, idle ones first.
  mutating func assign(_ actions: inout Actions) {
    while let (number, worker) = workerWithRoom(), let item = nextWaiting() {
      send(item, to: worker, number, &actions)
    }
  }

  private func workerWithRoom() -> (Int, PoolWorker)? {
    var best: (number: Int, worker: PoolWorker)?
    for (number, worker) in workers where worker.hasRoom {
      if worker.items.isEmpty { return (number, worker) }
      if worker.items.count < best?.worker.items.count ?? .max { best = (number, worker) }
    }
    return best
  }

  /// After a worker has got rid of items: gives it the next, once it is half empty, so that one message carries many.
  mutating func refill(_ worker: PoolWorker, _ number: Int, _ actions: inout Actions) {
    guard worker.stage == .ready, worker.items.count <= worker.depth / 2 else { return }
    while worker.hasRoom {
      guard let item = nextWaiting() else {
        if worker.items.isEmpty { steal(for: worker, number, &actions) }
        return
      }
      send(item, to: worker, number, &actions)
    }
  }

  /// An idle worker takes half of what the fullest one has not begun, so that nothing waits behind a long item.
  private mutating func steal(for thief: PoolWorker, _ number: Int, _ actions: inout Actions) {
    // Not simply the fullest: it may have begun all that it holds, its answers still on their way.
    let victims = workers.values.lazy.filter { $0.items.count > 1 && $0.hasUnbegun }
    guard let victim = victims.max(by: { $0.items.count < $1.items.count }) else { return }
    let share = min(victim.items.count / 2, thief.depth)
    var stolen: [PoolItem] = []
    while stolen.count < share, thief.hasRoom, let item = victim.items.last,
      victim.lane.withdraw(item.sequence)
    {
      victim.items.removeLast()
      stolen.append(item)
    }
    for item in stolen.reversed() { send(item, to: thief, number, &actions) }
  }

  /// So that items nobody wants do not keep their messages while nothing moves.
  private mutating func compactWaiting() {
    guard cancelledWaiting > 64, cancelledWaiting > waiting.count / 2 else { return }
    waiting.removeAll { $0.stage != .waiting }
    cancelledWaiting = 0
  }

  private mutating func nextWaiting() -> PoolItem? {
    while let item = waiting.popFirst() {
      if item.stage == .waiting { return item }
      cancelledWaiting -= 1
    }
    return nil
  }

  private mutating func send(
    _ item: PoolItem, to worker: PoolWorker, _ number: Int, _ actions: inout Actions
  ) {
    let descriptors: PassedDescriptors?
    do throws(Errno) {
      // The item keeps its own, for the case that it has to be sent again.
      descriptors = try .duplicating(item.message.descriptors)
    } catch {
      item.stage = .finished
      let failure = ParallelError(.system, "the task's descriptors can't be passed on", underlying: error)
      return actions.add(.resolve(item, .failed(failure)))
    }
    if worker.knownTypes.insert(item.type.number).inserted {
      worker.lane.post(Frame(kind: .defineType, value: item.type.number, payload: item.type.reference))
    }
    item.stage = .sent(worker: number)
    item.sequence = worker.nextSequence
    worker.nextSequence += 1
    worker.items.append(item)
    worker.lane.announce(item.sequence)
    worker.lane.post(
      Frame(
        kind: .run, sequence: item.sequence, value: item.type.number, payload: item.message.bytes[...],
        descriptors: descriptors, memory: item.memory))
    actions.touch(worker.lane)
  }

  static let shutDownError = ParallelError(.shutDown, "the pool was shut down and takes no more tasks")
}
