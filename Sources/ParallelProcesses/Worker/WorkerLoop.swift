import Glibc
import ParallelCore
import SystemPackage

/// A worker's life: handshake, setup, then one item after the other until the parent closes the lane.
///
/// All of it happens on the lane thread. The items run in one long-lived task on the lane's executor (a task for each
/// would cost three times as much); when an item is cancelled that task is, and the next item gets a new one. The task
/// itself waits for messages, and blocks the lane thread meanwhile, unless the executor has other jobs to run. While an
/// item is suspended the lane thread sleeps until there is such a job.
final class WorkerLoop: @unchecked Sendable {
  // Sendable: the mutable state is touched on the lane thread only, by the loop itself and by jobs of its executor.

  private let channel: WorkerChannel
  private let fates: ItemFates
  private let cursors: BatchCursors
  private let answers: AnswerWriter
  private let canceller: ItemCanceller
  private let executor: LaneExecutor
  private let isProcess: Bool

  private var runners: [UInt64: Result<TaskRunner, ParallelError>] = [:]
  /// The task waits for messages, and lets other jobs go first.
  private var idleItemTask: UnsafeContinuation<Void, Never>?
  private var isFinished = false

  init(
    _ channel: WorkerChannel, _ memory: LaneMemory, canceller: ItemCanceller, worker: Int32, isProcess: Bool
  ) {
    self.channel = channel
    executor = LaneExecutor(bell: channel.bell)
    fates = memory.fates
    cursors = memory.cursors
    answers = AnswerWriter(channel, worker: worker)
    self.canceller = canceller
    self.isProcess = isProcess
  }

  /// Runs until the lane ends.
  func run() {
    startItemTask(afterHandshake: true)
    while true {
      executor.runJobs()
      if isFinished { return executor.close() }
      if let task = idleItemTask.take() {
        task.resume()
      } else {
        // The item is suspended: something will be enqueued when it goes on.
        executor.waitForJobs()
      }
    }
  }

  private func startItemTask(afterHandshake: Bool = false) {
    let task = Task(executorPreference: executor) { [self] in
      if afterHandshake {
        guard await shakeHands() else { return isFinished = true }
      }
      await runItems()
    }
    canceller.run(in: task)
  }

  /// Returns at the end of the lane, or after an item was cancelled, with a new task in its place.
  private func runItems() async {
    while let frame = await nextFrame() {
      switch frame.kind {
      case .defineType: runners[frame.value] = Self.runner(Array(frame.payload))
      case .run, .runBatch: if await runItem(frame) { return startItemTask() }
      case .runBeside: startItem(frame)
      case .end: return isFinished = true
      default: break
      }
    }
    isFinished = true
  }

  private static func runner(_ payload: [UInt8]) -> Result<TaskRunner, ParallelError> {
    Result { () throws(ParallelError) in try TaskRunner(TypeReference(bytes: payload)) }
  }

  /// True if the item's task was cancelled: it can't run another.
  private func runItem(_ frame: Frame) async -> Bool {
    // First: from the moment in which the fates say that it runs, a cancellation may come.
    canceller.begin(frame.sequence)
    return await run(frame, answers)
  }

  /// Runs the item while others run, in a task of its own, which has its turn when all jobs before it have.
  private func startItem(_ frame: Frame) {
    let task = Task(executorPreference: executor) { [self] in
      _ = await run(frame, AnswerWriter(channel, worker: answers.worker))
    }
    canceller.begin(frame.sequence, in: task)
  }

  private func run(_ frame: Frame, _ answers: AnswerWriter) async -> Bool {
    let start = Deadline.now
    guard fates.begin(frame.sequence, at: start) else { return canceller.end(frame.sequence) }
    let isBatch = frame.kind == .runBatch
    answers.begin(frame.sequence, at: start, isBatch: isBatch)
    if isBatch { await runTasks(of: frame, answers) } else { await runTask(frame, answers) }
    let wasCancelled = canceller.end(frame.sequence)
    // Condemned: the kill is on its way.
    guard fates.finish(frame.sequence) else { while true { pause() } }
    return wasCancelled
  }

  private func runTask(_ frame: Frame, _ answers: AnswerWriter) async {
    switch runners[frame.value] {
    case .success(let runner): await runner.run(frame, answers)
    case .failure(let error): unknownType(error, answers)
    case nil: unknownType(ParallelError(.coding, "its type was not announced"), answers)
    }
  }

  private func unknownType(_ error: ParallelError, _ answers: AnswerWriter) {
    answers.send(.undecodableInput, RemoteError(error, worker: answers.worker))
  }

  /// One after the other, as long as the parent does not take them back.
  private func runTasks(of batch: Frame, _ answers: AnswerWriter) async {
    var reader = TaskBatchReader(batch.payload)
    var count = 0
    while true {
      switch cursors.beginNext(of: batch.sequence, after: count) {
      case .begun:
        guard let task = reader.next() else { return channel.giveUp() }
        await runTask(
          Frame(kind: .run, sequence: batch.sequence, value: batch.value, payload: task), answers)
        count += 1
        fates.noteStart(of: batch.sequence, answers.start)
        if executor.hasJobs { await letJobsRun() }
      case .end: return answers.endBatch()
      case .nonsense: return channel.giveUp()
      }
    }
  }

  /// The next message; waits while there is none. Nil at the end of the lane.
  private func nextFrame() async -> Frame? {
    while true {
      if let frame = channel.takeFrame() { return frame }
      if channel.isAtEnd { return nil }
      channel.waitForNews { executor.hasJobs }
      if executor.hasJobs { await letJobsRun() }
    }
  }

  private func letJobsRun() async {
    // Resumed by `run` on this same thread, once each time.
    await withUnsafeContinuation { idleItemTask = $0 }
  }
}

// MARK: - Handshake

extension WorkerLoop {
  /// False if this worker can't work; the parent has been told why.
  private func shakeHands() async -> Bool {
    guard let frame = await nextFrame(), frame.kind == .hello else { return false }
    do {
      let hello = try MessageDecoder().decode(Hello.self, from: frame.payload)
      guard hello.build == ImageIdentity.executable else {
        throw ParallelError(
          .workerStart,
          "the executable was replaced while its pool ran: worker and parent are different builds")
      }
      // It may have been bound to a processor, which others share.
      let isAlone = SystemCalls.permittedProcessors.count == 1
      channel.spin = IdleSpin(isAllowed: hello.mayLook && !isAlone)
      if isProcess { WorkerEnvironment.restoreBacktraceVariable(hello.backtraceVariable) }
      if let setup = hello.setup { try await Self.run(setup) }
      let ready = try MessageEncoder().encode(Ready(build: ImageIdentity.executable))
      channel.send(Frame(kind: .ready, payload: ready.bytes))
      return true
    } catch {
      let message = try? MessageEncoder().encode(
        StartFailure(error: RemoteError(error, worker: answers.worker)))
      channel.send(Frame(kind: .startFailed, payload: message?.bytes ?? []))
      return false
    }
  }

  private static func run(_ encoded: Hello.EncodedSetup) async throws {
    let type = try encoded.type.resolve(trusting: .parent)
    guard let setupType = type as? any WorkerSetup.Type else {
      throw ParallelError(.coding, "\(type) is not a WorkerSetup")
    }
    let setup: any WorkerSetup = try MessageDecoder().decode(setupType, from: encoded.value)
    try await setup.run()
  }
}
