import ParallelCore
import Testing

@testable import ParallelProcesses

/// The state machine, with everything around it played by the test: it carries out the actions as the engine does, and
/// after each event checks what must hold at all times.
final class SimulatedPool {
  private(set) var state: PoolState
  private(set) var items: [SimulatedItem] = []
  /// By the pool's numbers. Those that are gone are not in it.
  private(set) var workers: [Int: SimulatedWorker] = [:]
  /// Launches that were asked for and have neither worked nor failed.
  private(set) var launches = 0
  private(set) var finishes = 0
  private(set) var shutDownModes: Set<ShutdownMode> = []
  private let capacity: Int
  private let comment: Comment
  private var nextProcess: Int32 = 100

  init(workers: Int, capacity: Int = 256, _ comment: Comment = "") {
    state = PoolState(workers: workers)
    self.capacity = capacity
    self.comment = comment
    state.launching = workers
    launches = workers
  }

  // MARK: Users

  @discardableResult
  func submit(_ count: Int = 1) throws -> [SimulatedItem] {
    let new = try (0..<count).map { try SimulatedItem(items.count + $0) }
    items += new
    perform(state.submit(new.map(\.item)))
    return new
  }

  func cancel(_ item: SimulatedItem) {
    item.wasCancelled = true
    perform(state.cancel(item.item))
  }

  func shutDown(_ mode: ShutdownMode) {
    shutDownModes.insert(mode)
    perform(state.shutDown(mode))
  }

  // MARK: Launches

  @discardableResult
  func launchWorks() -> SimulatedWorker? {
    guard launches > 0 else { return nil }
    launches -= 1
    guard state.beginsLaunch() else {
      perform(state.checkEnd())
      return nil
    }
    let worker = SimulatedWorker(processID: nextProcess, capacity: capacity)
    nextProcess += 1
    let (number, actions) = state.launched(worker)
    workers[number] = worker
    perform(actions)
    return worker
  }

  func launchFails() {
    guard launches > 0 else { return }
    launches -= 1
    perform(state.launchFailed(ParallelError(.workerStart, "simulated")))
  }

  // MARK: Workers

  func becomesReady(_ number: Int) {
    guard let worker = workers[number], !worker.isDead, !worker.isReady else { return }
    worker.isReady = true
    perform(state.isReady(number))
  }

  func setupFails(_ number: Int) {
    perform(state.setupFailed(number, isGone: false, ParallelError(.workerStart, "simulated setup")))
  }

  func reads(_ number: Int) {
    guard let worker = workers[number], worker.isReady, let item = worker.readNext() else { return }
    items[item].timesBegun += 1
  }

  func finishes(_ number: Int, after nanoseconds: UInt64 = 1_000_000, marksDone: Bool = true) {
    guard let item = workers[number]?.finish(after: nanoseconds, marksDone: marksDone) else { return }
    items[item].resultIsWritten = true
  }

  /// The pool reads what the worker has written.
  func delivers(_ number: Int) {
    guard let worker = workers[number], !worker.outgoing.isEmpty else { return }
    let frames = worker.outgoing
    worker.outgoing = []
    let (actions, areCredible) = state.answered(number, frames)
    #expect(areCredible, comment)
    perform(actions)
  }

  /// The worker's crash handler rings: the pool stops it, reads to the end, and settles.
  func isDying(_ number: Int) {
    perform(state.freeze(number))
    delivers(number)
    workers[number]?.die()
    delivers(number)
    perform(state.died(number, isGone: false) { SimulatedItem.Blamed(number: $0.map(self.number) ?? 0) })
  }

  /// The worker is gone: what it has written is read first.
  func isGone(_ number: Int) {
    guard let worker = workers[number] else { return }
    worker.die()
    delivers(number)
    workers[number] = nil
    perform(state.died(number, isGone: true) { SimulatedItem.Blamed(number: $0.map(self.number) ?? 0) })
  }

  private func number(of item: PoolItem) -> Int { SimulatedItem.number(in: item.message.bytes) }

  // MARK: Actions

  private func perform(_ actions: [PoolState.Action]) {
    for action in actions {
      switch action {
      case .launch(let delay):
        #expect(finishes == 0, comment)
        launches += 1
        // Here every delay is over at once.
        if delay > .zero { state.delayedLaunches -= 1 }
      case .flush(let lane): lane.flush()
      case .resolve(let item, let outcome): item.sink.complete(outcome)
      case .cancel(let lane, let item): lane.cancel(item)
      case .drop(let item): items[number(of: item)].drops += 1
      case .kill(let worker): worker.kill()
      case .retire(let worker): worker.kill(after: .seconds(5))
      case .finish:
        finishes += 1
        #expect(items.allSatisfy { $0.isSettled }, comment)
        #expect(workers.isEmpty, comment)
        #expect(launches == 0, comment)
      }
    }
    check()
  }
}

// MARK: - What must hold

extension SimulatedPool {
  /// After every event.
  private func check() {
    #expect(state.launching == launches, comment)
    for worker in workers.values { #expect(!worker.simulatedLane.hasForgottenFrames, comment) }
    checkThatNobodyIdlesBesideWork()
    // Most have not changed since the last event, and most events are about one item.
    for item in items where item.timesBegun > 1 || item.settlements != item.checkedSettlements {
      check(item)
      item.checkedSettlements = item.settlements
    }
  }

  private func check(_ item: SimulatedItem) {
    #expect(item.timesBegun <= 1, comment)
    #expect(item.settlements <= 1, comment)
    #expect(item.drops == 0 || item.wasCancelled && item.timesBegun == 0, comment)
    guard let outcome = item.outcomes.first else { return }
    switch outcome {
    case .answer(let answer):
      #expect(item.resultIsWritten, comment)
      #expect(answer.payload == SimulatedItem.bytes(item.number)[...], comment)
    case .failed(let blamed as SimulatedItem.Blamed):
      #expect(blamed.number == item.number, comment)
      #expect(item.timesBegun == 1, comment)
      #expect(!item.resultIsWritten, comment)
    case .failed(is CancellationError):
      #expect(!shutDownModes.isDisjoint(with: [.cancelPending, .terminate]), comment)
      if !shutDownModes.contains(.terminate) { #expect(item.timesBegun == 0, comment) }
    case .failed(let error as ParallelError) where error.code == .shutDown:
      #expect(!shutDownModes.isEmpty && item.timesBegun == 0, comment)
    case .failed(let error as ParallelError) where error.code == .workerStart:
      guard case .failed = state.phase else {
        Issue.record("\(error) without a failed pool: \(comment)")
        return
      }
    case .failed(let error): Issue.record("\(error): \(comment)")
    }
  }

  private func checkThatNobodyIdlesBesideWork() {
    guard state.workers.values.contains(where: { $0.stage == .ready && $0.items.isEmpty }) else { return }
    #expect(state.waiting.count == state.cancelledWaiting, comment)
    for worker in state.workers.values {
      let unbegun = worker.items.count { !worker.lane.hasBegun($0.sequence) }
      #expect(unbegun <= 1, comment)
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
      guard steps < 100_000 else {
        Issue.record("it never comes to rest: \(comment)")
        return
      }
    }
  }

  private func takesAStep() -> Bool {
    if launches > 0 {
      launchWorks()
      return true
    }
    for (number, worker) in workers.sorted(by: { $0.key < $1.key }) {
      if worker.isDead {
        isGone(number)
        return true
      }
      if !worker.isReady {
        becomesReady(number)
        return true
      }
      if !worker.outgoing.isEmpty {
        delivers(number)
        return true
      }
      if worker.running != nil {
        finishes(number)
        return true
      }
      if !worker.simulatedLane.inbox.isEmpty {
        reads(number)
        return true
      }
    }
    return false
  }

  /// Lets all go on, ends the pool, and checks that nothing is left.
  func settleAndEnd(_ mode: ShutdownMode = .drain) {
    settle()
    #expect(items.allSatisfy { $0.isSettled }, comment)
    shutDown(mode)
    settle()
    #expect(finishes > 0, comment)
    #expect(items.allSatisfy { $0.settlements == 1 }, comment)
    #expect(workers.isEmpty, comment)
  }
}
