import Glibc
import ParallelCore
import SystemPackage

/// A worker's life: handshake, setup, then one item after the other until the parent closes the lane.
///
/// All of it happens on the lane thread. The items run in one long-lived task on the lane's executor (a task for each
/// would cost three times as much); when an item is cancelled that task is, and the next item gets a new one. While an
/// item is suspended the lane thread sleeps until there is a job to run or a message to read.
final class WorkerLoop: @unchecked Sendable {
  // Sendable: the mutable state is touched on the lane thread only, by the loop itself and by jobs of its executor.

  private let channel: WorkerChannel
  private let fates: ItemFates
  private let canceller: ItemCanceller
  private let executor: LaneExecutor
  private let worker: Int32
  private let isProcess: Bool

  private var runners: [UInt64: Result<TaskRunner, ParallelError>] = [:]
  private var idleItemTask: CheckedContinuation<Void, Never>?
  private var isFinished = false

  /// Owns `socket` from here on, also if it throws.
  init(
    closing socket: FileDescriptor, fates: ItemFates, canceller: ItemCanceller, worker: Int32, isProcess: Bool
  ) throws(Errno) {
    channel = WorkerChannel(closing: socket)
    executor = try LaneExecutor()
    self.fates = fates
    self.canceller = canceller
    self.worker = worker
    self.isProcess = isProcess
  }

  /// Instead of `run`, where there is no thread for it.
  func abandon() { executor.close() }

  /// Runs until the lane ends.
  func run() {
    startItemTask(afterHandshake: true)
    while true {
      executor.runJobs()
      if isFinished { return executor.close() }
      guard executor.prepareToSleep() else { continue }
      guard waitForNews() else { return }
      executor.wokeUp()
      channel.receive()
      if channel.hasFrames || channel.isAtEnd { idleItemTask.take()?.resume() }
    }
  }

  /// False if a task has closed what the worker lives by.
  private func waitForNews() -> Bool {
    let ready =
      channel.isAtEnd
      ? SystemCalls.waitForInput(executor.bell) : SystemCalls.waitForInput(executor.bell, channel.descriptor)
    if ready?[0] == true { SystemCalls.silence(executor.bell) }
    return ready != nil
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
      case .defineType: runners[frame.value] = Self.runner(frame.payload)
      case .run: if await runItem(frame) { return startItemTask() }
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
    let start = Deadline.now
    guard fates.begin(frame.sequence, at: start) else { return canceller.end() }
    var answer: Frame
    switch runners[frame.value] {
    case .success(let runner): answer = await runner.run(frame, worker: worker)
    case .failure(let error): answer = unknownType(frame, error)
    case nil: answer = unknownType(frame, ParallelError(.coding, "its type was not announced"))
    }
    answer.value = Deadline.now.nanoseconds - start.nanoseconds
    let wasCancelled = canceller.end()
    channel.send(answer)
    // Condemned: the kill is on its way.
    guard fates.finish(frame.sequence) else { while true { pause() } }
    return wasCancelled
  }

  private func unknownType(_ frame: Frame, _ error: ParallelError) -> Frame {
    let message = try? MessageEncoder().encode(RemoteError(error, worker: worker))
    return Frame(kind: .undecodableInput, sequence: frame.sequence, payload: message?.bytes ?? [])
  }

  /// The next message; suspends while there is none. Nil at the end of the lane.
  private func nextFrame() async -> Frame? {
    while true {
      if let frame = channel.takeFrame() { return frame }
      channel.receive()
      if let frame = channel.takeFrame() { return frame }
      if channel.isAtEnd { return nil }
      await withCheckedContinuation { idleItemTask = $0 }
    }
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
      if isProcess { WorkerEnvironment.restoreBacktraceVariable(hello.backtraceVariable) }
      if let setup = hello.setup { try await Self.run(setup) }
      let ready = try MessageEncoder().encode(Ready(build: ImageIdentity.executable))
      channel.send(Frame(kind: .ready, payload: ready.bytes))
      return true
    } catch {
      let message = try? MessageEncoder().encode(StartFailure(error: RemoteError(error, worker: worker)))
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
