import ParallelCore
import Testing

@testable import ParallelProcesses

/// The state machine, with everything around it played by the test: it carries out the actions as the engine does, and
/// after each event checks what must hold at all times. Time passes only when the test says so.
final class SimulatedPool {
  var state: PoolState
  private(set) var items: [SimulatedItem] = []
  /// By the pool's numbers. Those that are gone are not in it.
  private(set) var workers: [Int: SimulatedWorker] = [:]
  /// Launches that were asked for and have neither worked nor failed.
  private(set) var launches = 0
  private(set) var finishes = 0
  /// How often the pool has looked for results of a worker.
  private(set) var looks = 0
  private(set) var shutDownModes: Set<ShutdownMode> = []
  private(set) var now = Deadline(nanoseconds: 1_000_000_000)
  /// When the pool wants to be woken.
  private(set) var alarm = Deadline.never
  /// Workers whose memory the pool asked for.
  var toMeasure: [Int] = []
  private(set) var events: [PoolEvent] = []
  /// The pool was made for this, or resized to it.
  private(set) var target: Int
  private var busiest = 0
  let canCondemn: Bool
  let comment: String
  private let capacity: Int
  private var nextProcess: Int32 = 100

  init(
    workers: Int, capacity: Int = 256, policy: PoolPolicy = PoolPolicy(), canCondemn: Bool = true,
    _ comment: String = ""
  ) {
    state = PoolState(workers: workers, policy: policy)
    self.capacity = capacity
    self.comment = comment
    self.canCondemn = canCondemn
    target = workers
    state.launching = workers
    launches = workers
    state.needsBalance = true
    perform(state.checkEnd())
  }

  /// Much faster than an expectation, of which there would be hundreds of millions.
  func require(
    _ holds: Bool, _ what: @autoclosure () -> String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    if !holds { Issue.record("\(what()): \(comment)", sourceLocation: sourceLocation) }
  }

  // MARK: Users

  @discardableResult
  func submit(_ count: Int = 1, _ options: TaskOptions = .default) throws -> [SimulatedItem] {
    let new = try (0..<count).map { try SimulatedItem(items.count + $0, options, at: now) }
    items += new
    perform(state.submit(new.map(\.item), at: now))
    return new
  }

  /// Tasks that travel together.
  @discardableResult
  func submitBatch(_ count: Int) throws -> [SimulatedItem] {
    let new = try SimulatedItem.batch(items.count..<items.count + count, at: now)
    items += new
    perform(state.submit([new[0].item], at: now))
    return new
  }

  /// With its whole batch.
  func cancel(_ item: SimulatedItem) {
    for other in items where other.item === item.item { other.wasCancelled = true }
    perform(state.cancel(item.item, at: now))
  }

  func shutDown(_ mode: ShutdownMode) {
    shutDownModes.insert(mode)
    perform(state.shutDown(mode, at: now))
  }

  func resize(to count: Int) {
    guard case .open = state.phase else { return }
    target = count
    perform(state.resize(to: count, at: now))
  }

  func listen() { state.reports = true }

  // MARK: Time

  /// Lets time pass; what is due happens when it is due.
  func pass(_ time: Duration) {
    let end = now + time.inNanoseconds
    while alarm <= end { ring() }
    now = max(now, end)
  }

  /// Lets time pass without waking the pool.
  func isLate(by time: Duration) { now = now + time.inNanoseconds }

  /// Lets time pass until the pool wants to be woken.
  func ring() {
    guard !alarm.isNever else { return }
    now = max(now, alarm)
    alarm = .never
    perform(state.timeCame(at: now))
    require(alarm >= now, "it wants to be woken in the past")
  }

  /// Answers the question for the memory of a worker.
  func measures(_ bytes: Int) {
    guard let number = toMeasure.popLast() else { return }
    perform(state.measured(number, bytes, at: now))
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
    worker.simulatedLane.canCondemn = canCondemn
    nextProcess += 1
    let (number, actions) = state.launched(worker, at: now)
    workers[number] = worker
    perform(actions)
    return worker
  }

  func launchFails() {
    guard launches > 0 else { return }
    launches -= 1
    perform(state.launchFailed(ParallelError(.workerStart, "simulated"), at: now))
  }

  // MARK: Workers

  func becomesReady(_ number: Int) {
    guard let worker = workers[number], !worker.isDead, !worker.isReady else { return }
    worker.isReady = true
    perform(state.isReady(number, at: now))
  }

  func setupFails(_ number: Int) {
    perform(
      state.setupFailed(number, isGone: false, ParallelError(.workerStart, "simulated setup"), at: now))
  }

  func reads(_ number: Int) {
    guard let worker = workers[number], worker.isReady, let item = worker.readNext(at: now) else { return }
    items[item].timesBegun += 1
    busiest = max(busiest, workers.values.count { !$0.running.isEmpty && !$0.isDead })
  }

  func finishes(
    _ number: Int, _ choice: Int = 0, after nanoseconds: UInt64 = 1_000_000, marksDone: Bool = true,
    throwing: Bool = false
  ) {
    let worker = workers[number]
    guard
      let (item, isTold) = worker?.finish(
        choice, after: nanoseconds, marksDone: marksDone, throwing: throwing), worker?.isStuck == false
    else { return }
    if throwing {
      items[item].timesThrown += 1
      if isTold { items[item].timesGivenUp += 1 }
    } else {
      items[item].resultIsWritten = true
    }
  }

  /// The pool reads what the worker has written.
  func delivers(_ number: Int) {
    guard let worker = workers[number], !worker.outgoing.isEmpty else { return }
    let frames = worker.outgoing
    worker.outgoing = []
    let (actions, areCredible) = state.answered(number, Answers(frames, worker: worker.processID), at: now)
    require(areCredible, "not credible")
    perform(actions)
  }

  /// The worker's crash handler rings: the pool stops it, reads to the end, and settles.
  func isDying(_ number: Int) {
    guard let worker = workers[number] else { return }
    perform(state.freeze(number, at: now))
    delivers(number)
    dies(worker)
    delivers(number)
    perform(state.died(number, isGone: false, worker.crashReport(), at: now))
  }

  /// The worker is gone: what it has written is read first.
  func isGone(_ number: Int) {
    guard let worker = workers[number] else { return }
    dies(worker)
    delivers(number)
    workers[number] = nil
    perform(state.died(number, isGone: true, worker.crashReport(), at: now))
  }

  func dies(_ worker: SimulatedWorker) {
    if !worker.isDead {
      for item in worker.runningItems {
        items[item].deaths += 1
        if worker.running.count == 1 { items[item].deathsAlone += 1 }
      }
    }
    worker.die()
  }

  // MARK: Actions

  private func perform(_ actions: [PoolState.Action]) {
    for action in actions {
      switch action {
      case .launch(let delay):
        require(finishes == 0, "a launch after the end")
        launches += 1
        // Here every delay is over at once.
        if delay > .zero { state.delayedLaunches -= 1 }
      case .flush(let lane): lane.flush()
      case .resolve(let sink, let task, let outcome):
        var bulk = OutcomeBulk()
        sink.complete(outcome, of: task, through: &bulk)
      case .resolveAll(let sink, let task, let answers):
        var bulk = OutcomeBulk()
        sink.complete(answers, from: task, through: &bulk)
      case .cancel(let lane, let item): lane.cancel(item)
      case .drop(let item as SimulatedItem, _): item.drops += 1
      case .drop(let batch as SimulatedBatch, let task): batch.items[task].drops += 1
      case .drop: require(false, "something unknown was dropped")
      case .look(let lanes): looks += lanes.count
      case .kill(let worker): worker.kill()
      case .retire(let worker): worker.kill(after: .seconds(5))
      case .wake(let time):
        if time < alarm { alarm = time }
      case .measure(let list): toMeasure = list.map(\.number)
      case .report(let event): events.append(event)
      case .finish:
        finishes += 1
        require(items.allSatisfy { $0.isSettled }, "an end with unsettled items")
        require(workers.isEmpty, "an end with workers")
        require(launches == 0, "an end with launches")
      }
    }
    check()
  }
}
