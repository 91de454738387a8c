import Glibc
import ParallelCore
import ParallelFutures

/// The pool's storage: the state machine under its lock, and the hands that carry out what it decides.
///
/// Events come from submitters, from the reactor (news of workers), and from background threads (launches). Each takes
/// the lock, asks the state machine, and acts after the lock was released. The lock is never held over a call that
/// could block or call back.
final class PoolEngine: Sendable {
  /// How long a worker may take to end by itself when nothing is left to do.
  private static let timeToRetire: Duration = .seconds(5)

  typealias Launcher = @Sendable () throws(ParallelError) -> any RunningWorker

  let state: Guarded<PoolState>
  /// Of the one thread that reads results while it waits for its own.
  let helping = Guarded(HelperSeat())
  private let launcher: Launcher
  private let hasSetup: Bool
  private let finished = Promise<Void>()
  /// Nil: no limit.
  let gate: AdmissionGate?

  /// When the reactor will bring `timeCame` about.
  private let alarm = Guarded<(time: Deadline, timer: ReactorTimer?)>((.never, nil))
  fileprivate let listeners = Guarded<[PoolListener]>([])

  init(
    workers: Int, policy: PoolPolicy = PoolPolicy(), maxPending: Int?, hasSetup: Bool,
    launcher: @escaping Launcher
  ) {
    state = Guarded(PoolState(workers: workers, policy: policy, seed: .random(in: 0 ... .max)))
    gate = maxPending.map(AdmissionGate.init(limit:))
    self.launcher = launcher
    self.hasSetup = hasSetup
  }

  /// Starts the workers, one after the other, on the calling thread. Throws what makes the first fail.
  func start() throws(ParallelError) {
    try Reactor.shared.start()
    let count = state.withLock { state in
      state.launching = state.targetWorkers
      return state.targetWorkers
    }
    for index in 0..<count {
      do throws(ParallelError) {
        try launch()
      } catch {
        state.withLock { $0.launching -= count - index }
        shutDown(.terminate)
        throw error
      }
    }
    // Spares may come later.
    perform(
      state.withLock { state in
        state.needsBalance = true
        return state.checkEnd()
      })
  }

  /// Several items at once travel in fewer messages.
  func submit(_ items: [PoolItem]) {
    let now = items.contains { $0.control != nil || $0.batch != nil } ? Deadline.now : nil
    perform(state.withLock { $0.submit(items, at: now) })
  }

  func cancel(_ item: PoolItem) { perform(state.withLock { $0.cancel(item, at: .now) }) }

  var targetWorkers: Int { state.withLock { $0.targetWorkers } }

  func resize(to count: Int) throws(ParallelError) {
    let actions = try state.withLock { state throws(ParallelError) in
      switch state.phase {
      case .open: return state.resize(to: count, at: .now)
      case .draining, .ending: throw PoolState.shutDownError
      case .failed(let error): throw error
      }
    }
    perform(actions)
  }

  @discardableResult
  func shutDown(_ mode: ShutdownMode) -> Future<Void> {
    state.withLock { $0.close() }
    onReactor { $0.shutDown(mode, at: .now) }
    return end
  }

  /// Done when no worker is left and all their output is written.
  var end: Future<Void> { finished.future }

  /// The process numbers of the workers that are there.
  var workerProcessIDs: [Int32] { state.withLock { $0.workers.values.map(\.process.processID) } }

  var statistics: PoolStatistics {
    var (statistics, processes) = state.withLock { state in
      (state.statistics(at: .now), state.workers.values.map(\.process))
    }
    for (index, process) in processes.enumerated() { statistics.workers[index].usage = process.usage() }
    return statistics
  }

  // MARK: Workers

  private func launch() throws(ParallelError) {
    let worker = try launcher()
    let (number, actions) = state.withLock { $0.launched(worker, at: .now) }
    worker.activate { [self] news in heard(news, from: number, worker) }
    perform(actions)
  }

  private func launch(after delay: Duration) {
    do throws(ParallelError) {
      if delay == .zero { return try launchOnThread() }
      _ = try Reactor.shared.schedule(at: Deadline(timeout: delay)) { [self] in
        state.withLock { $0.delayedLaunches -= 1 }
        do throws(ParallelError) {
          try launchOnThread()
        } catch {
          perform(state.withLock { $0.launchFailed(error, at: .now) })
        }
      }
    } catch {
      state.withLock { if delay > .zero { $0.delayedLaunches -= 1 } }
      perform(state.withLock { $0.launchFailed(error, at: .now) })
    }
  }

  /// A thread of its own: the reactor must not wait while the kernel loads a program.
  private func launchOnThread() throws(ParallelError) {
    _ = try NativeThread.start(name: "launch", stackSize: 512 << 10) { [self] in
      do throws(ParallelError) {
        if state.withLock({ $0.beginsLaunch() }) { return try launch() }
        onReactor { $0.checkEnd() }
      } catch {
        onReactor { $0.launchFailed(error, at: .now) }
      }
    }
  }

  /// Whatever may bring the end about happens on the reactor, so that no outcome comes after the end.
  private func onReactor(_ event: @escaping @Sendable (inout PoolState) -> [PoolState.Action]) {
    Reactor.shared.perform { [self] in perform(state.withLock(event)) }
  }

  /// On the reactor.
  private func heard(_ news: WorkerNews, from number: Int, _ worker: any RunningWorker) {
    switch news {
    case .frames(let frames): received(frames, from: number, worker)
    case .malformed(let error): condemn(number, worker, "it sent a malformed message: \(error)")
    case .dying:
      perform(state.withLock { $0.freeze(number, at: .now) })
      worker.drain()
      // It may have finished its last item while that was read.
      if state.withLock({ $0.hasUnreadAnswer(number) }) { worker.drain() }
      died(number, worker, isGone: false)
    case .ended: died(number, worker, isGone: true)
    }
  }

  private func received(_ frames: [Frame], from number: Int, _ worker: any RunningWorker) {
    var answers = frames
    if let first = answers.first, first.kind == .ready || first.kind == .startFailed {
      answers.removeFirst()
      began(first, number, worker)
    }
    guard !answers.isEmpty else { return }
    let areAnswers = answers.allSatisfy(\.kind.isAnswer)
    if !areAnswers { answers.removeAll { !$0.kind.isAnswer } }
    let all = Answers(answers, worker: worker.processID)
    let (actions, areCredible) = state.withLock { $0.answered(number, all, at: .now) }
    perform(actions)
    if !areCredible || !areAnswers { condemn(number, worker, "it answered what it was not asked") }
  }

  private func began(_ frame: Frame, _ number: Int, _ worker: any RunningWorker) {
    switch state.withLock({ $0.stage(of: number) }) {
    case .starting: break
    case .ready, .spare, .finishing: return condemn(number, worker, "it said twice that it was ready")
    case .retiring, .dying, .condemned, nil: return
    }
    if frame.kind == .startFailed {
      let reason = try? MessageDecoder().decode(StartFailure.self, from: frame.payload).error
      worker.kill(after: Self.timeToRetire)
      return setupFailed(number, isGone: false, reason)
    }
    guard let ready = try? MessageDecoder().decode(Ready.self, from: frame.payload),
      ready.build == ImageIdentity.executable
    else { return condemn(number, worker, "it is of another build") }
    perform(state.withLock { $0.isReady(number, at: .now) })
  }

  private func setupFailed(_ number: Int, isGone: Bool, _ reason: (any Error)?) {
    let error = ParallelError(.workerStart, "the workers of the pool could not be set up", underlying: reason)
    perform(state.withLock { $0.setupFailed(number, isGone: isGone, error, at: .now) })
  }

  private func died(_ number: Int, _ worker: any RunningWorker, isGone: Bool) {
    let report = worker.crashReport()
    if isGone, let usage = report.usage { state.withLock { $0.totals.usageOfEnded.add(usage) } }
    // A kill says nothing about the setup: that may work the next time.
    if hasSetup, !report.status.isKill, state.withLock({ $0.stage(of: number) }) == .starting {
      return setupFailed(number, isGone: isGone, WorkerFailure(.crashed(report), task: "the setup"))
    }
    settle(number, isGone: isGone, report)
  }

  /// The worker's memory is not what it should be: it is ended, and its items are treated like those of a dead one.
  private func condemn(_ number: Int, _ worker: any RunningWorker, _ reason: String) {
    // Where a waiting thread has found out: what is known of a worker's end belongs to the reactor.
    guard Reactor.shared.isCurrent else {
      return Reactor.shared.perform { [self] in condemn(number, worker, reason) }
    }
    worker.kill()
    var report = worker.crashReport()
    report.message = "the worker was ended because \(reason)"
    settle(number, isGone: false, report)
  }

  private func settle(_ number: Int, isGone: Bool, _ report: CrashReport) {
    perform(state.withLock { $0.died(number, isGone: isGone, report, at: .now) })
  }

  // MARK: Actions

  private func perform(_ actions: [PoolState.Action]) {
    var bulk = OutcomeBulk()
    defer { bulk.deliver() }
    for action in actions {
      switch action {
      case .launch(let delay): launch(after: delay)
      case .flush(let lane): lane.flush()
      case .resolve(let sink, let task, let outcome):
        // First the place: who learns of the outcome may submit the next task at once.
        gate?.leave()
        sink.complete(outcome, of: task, through: &bulk)
      case .resolveAll(let sink, let task, let answers):
        if let gate { for _ in answers.range { gate.leave() } }
        sink.complete(answers, from: task, through: &bulk)
      case .drop: gate?.leave()
      case .cancel(let lane, let item): lane.cancel(item)
      case .kill(let worker): worker.kill()
      case .retire(let worker): worker.kill(after: Self.timeToRetire)
      case .wake(let time): wake(at: time)
      case .look(let lanes): for lane in lanes { lane.look() }
      case .measure(let workers): Reactor.shared.perform { [self] in measure(workers) }
      case .report(let event): for listener in listeners.withLock({ $0 }) { listener.put(event) }
      // On the reactor, after whatever is to be carried out there before it.
      case .finish:
        bulk.deliver()
        Reactor.shared.perform { [self] in finish() }
      }
    }
  }

  private func wake(at time: Deadline) {
    let superfluous = alarm.withLock { alarm -> ReactorTimer? in
      guard time < alarm.time else { return nil }
      // Without a reactor there are no workers, and so nothing that takes time.
      guard let timer = try? Reactor.shared.schedule(at: time, { [self] in timeCame() }) else { return nil }
      defer { alarm = (time, timer) }
      return alarm.timer
    }
    superfluous?.cancel()
  }

  private func timeCame() {
    alarm.withLock { $0 = (.never, nil) }
    perform(state.withLock { $0.timeCame(at: .now) })
  }

  /// On the reactor, which also reaps: the numbers are the workers' own until then.
  private func measure(_ workers: [(number: Int, process: any RunningWorker)]) {
    for (number, process) in workers {
      guard let resident = SystemCalls.residentMemory(of: process.processID) else { continue }
      perform(state.withLock { $0.measured(number, resident, at: .now) })
    }
  }

  func finish() {
    // A thread that helps may have outcomes in its hands.
    guard helping.withLock({ $0.mayFinish() }) else { return }
    alarm.withLock { alarm in
      defer { alarm = (.never, nil) }
      return alarm.timer
    }?.cancel()
    // Whoever begins to listen from now on finds that it is over.
    let last = listeners.withLock { listeners in
      defer { listeners = [] }
      return listeners
    }
    for listener in last { listener.end() }
    OutputRelay.standardOutput.afterWriting { [finished] in
      OutputRelay.standardError.afterWriting {
        // More than one event may find the pool finished; the first counts.
        _ = try? finished.succeed()
      }
    }
  }
}

// MARK: - Listeners

extension PoolEngine {
  func add(_ listener: PoolListener) {
    listeners.withLock { $0.append(listener) }
    let isOver = state.withLock { state in
      state.reports = true
      return state.hasEnded
    }
    if isOver { listener.end() }
  }

  func remove(_ listener: PoolListener) {
    let isLast = listeners.withLock { listeners in
      listeners.removeAll { $0 === listener }
      return listeners.isEmpty
    }
    if isLast { state.withLock { $0.reports = false } }
  }
}

extension ProcessExitStatus {
  /// Whether somebody ended the process from outside, with the one signal that nothing inside can bring about by mistake.
  fileprivate var isKill: Bool {
    if case .signaled(let signal, _) = self { signal == SIGKILL } else { false }
  }
}

extension Frame.Kind {
  /// Whether a worker says this of an item.
  fileprivate var isAnswer: Bool {
    switch self {
    case .result, .threw, .gaveUp, .undecodableInput, .unencodableOutput: true
    default: false
    }
  }
}
