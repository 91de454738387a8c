import DequeModule
import ParallelCore
import SystemPackage

extension PoolState {
  /// A new item.
  mutating func submit(_ item: PoolItem) -> [Action] {
    switch phase {
    case .open: break
    case .draining, .ending:
      item.stage = .finished
      return [.resolve(item, .failed(Self.shutDownError))]
    case .failed(let error):
      item.stage = .finished
      return [.resolve(item, .failed(error))]
    }
    var actions = Actions()
    waiting.append(item)
    if waiting.count == cancelledWaiting + 1 { assign(&actions) }
    return actions.all
  }

  /// The item's caller wants it no more.
  mutating func cancel(_ item: PoolItem) -> [Action] {
    switch item.stage {
    case .finished: return []
    case .waiting:
      item.stage = .finished
      cancelledWaiting += 1
      var actions = Actions()
      actions.add(.drop(item))
      endIfDone(&actions)
      return actions.all
    case .sent(let number):
      guard let lane = workers[number]?.lane else { return [] }
      var actions = Actions()
      if lane.withdraw(item.sequence) {
        workers[number]?.items.removeAll { $0 === item }
        item.stage = .finished
        actions.add(.drop(item))
        refill(number, &actions)
        endIfDone(&actions)
      } else {
        // It runs. Its worker is told, and its place is free when the answer has come.
        lane.post(Frame(kind: .cancel, sequence: item.sequence))
        actions.touch(lane)
      }
      return actions.all
    }
  }

  /// Gives waiting items to workers that have room, idle ones first.
  mutating func assign(_ actions: inout Actions) {
    while let number = workerWithRoom(), let item = nextWaiting() {
      send(item, to: number, &actions)
    }
  }

  private func workerWithRoom() -> Int? {
    var best: (number: Int, load: Int)?
    for (number, worker) in workers where worker.stage == .ready && worker.items.count < worker.depth {
      if worker.items.isEmpty { return number }
      if worker.items.count < best?.load ?? .max { best = (number, worker.items.count) }
    }
    return best?.number
  }

  /// After a worker has got rid of items: gives it the next, once it is half empty, so that one message carries many.
  mutating func refill(_ number: Int, _ actions: inout Actions) {
    guard let worker = workers[number], worker.stage == .ready, worker.items.count <= worker.depth / 2 else {
      return
    }
    for _ in worker.items.count..<worker.depth {
      guard let item = nextWaiting() else {
        if workers[number]?.items.isEmpty == true { steal(for: number, &actions) }
        return
      }
      send(item, to: number, &actions)
    }
  }

  /// An idle worker takes half of what the fullest one has not begun, so that nothing waits behind a long item.
  private mutating func steal(for thief: Int, _ actions: inout Actions) {
    guard let victim = workers.max(by: { $0.value.items.count < $1.value.items.count })?.key,
      let worker = workers[victim], worker.items.count > 1
    else { return }
    var stolen: [PoolItem] = []
    let share = min(worker.items.count / 2, workers[thief]?.depth ?? 0)
    for item in worker.items.suffix(share).reversed() {
      guard worker.lane.withdraw(item.sequence) else { break }
      workers[victim]?.items.removeLast()
      stolen.append(item)
    }
    for item in stolen.reversed() { send(item, to: thief, &actions) }
  }

  private mutating func nextWaiting() -> PoolItem? {
    while let item = waiting.popFirst() {
      if item.stage == .waiting { return item }
      cancelledWaiting -= 1
    }
    return nil
  }

  private mutating func send(_ item: PoolItem, to number: Int, _ actions: inout Actions) {
    guard var worker = workers[number] else { return }
    var descriptors: [FileDescriptor] = []
    do throws(Errno) {
      // The item keeps its own, for the case that it has to be sent again.
      for descriptor in item.message.descriptors { descriptors.append(try SystemCalls.duplicate(descriptor)) }
    } catch {
      descriptors.forEach(SystemCalls.close)
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
        kind: .run, sequence: item.sequence, value: item.type.number, payload: item.message.bytes,
        descriptors: descriptors))
    workers[number] = worker
    actions.touch(worker.lane)
  }

  static let shutDownError = ParallelError(.shutDown, "the pool was shut down and takes no more tasks")
}
