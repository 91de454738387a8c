import ParallelCore
import SystemPackage

/// One task in a pool, from its submission to its outcome. Owns its message and the message's descriptors.
final class PoolItem: @unchecked Sendable {
  // Sendable: `stage`, `sequence` and `control` are touched under the pool's lock only once the item was submitted,
  // everything else is immutable.

  enum Stage: Equatable {
    case waiting
    /// It has failed, and the pause before its next attempt is not over.
    case delayed
    case sent(worker: Int)
    case finished
  }

  let type: TaskType
  let sink: any ItemSink
  let message: EncodedMessage
  /// How many of its kind a worker holds at a time; nil for what their pace suggests.
  let batch: Int?
  var stage = Stage.waiting
  /// Its number on the lane that it was last sent over.
  var sequence: UInt64 = 0
  /// Nil for an item with which nothing special is to be done.
  var control: ItemControl?

  /// The message, where it is large; `message` is empty then.
  let memory: SealedMemory?

  init(
    type: TaskType, message: EncodedMessage, batch: Int? = nil, sink: any ItemSink,
    options: TaskOptions = .default, submission: Deadline = .never
  ) {
    self.type = type
    memory = message.inSealedMemory
    self.message = memory == nil ? message : EncodedMessage(bytes: [])
    self.batch = batch
    self.sink = sink
    if !options.areDefault { control = ItemControl(options, submission: submission) }
  }

  /// Throws where the value can't be encoded.
  convenience init<T: WorkerTask>(
    _ task: T, of type: TaskType, batch: Int? = nil, sink: any ItemSink, options: TaskOptions = .default,
    submission: Deadline = .never
  ) throws(ParallelError) {
    do {
      self.init(
        type: type, message: try MessageEncoder().encode(task), batch: batch, sink: sink, options: options,
        submission: submission)
    } catch {
      throw ParallelError(.coding, "the task \(type.name) can't be encoded", underlying: error)
    }
  }

  deinit { message.descriptors.forEach(SystemCalls.close) }

  var priority: Int { control?.options.priority ?? 0 }

  /// The control, from now on.
  func controlled() -> ItemControl {
    if let control { return control }
    let new = ItemControl(.default, submission: .never)
    control = new
    return new
  }

  /// The failure of this item.
  func failure(_ reason: WorkerFailure.Reason) -> WorkerFailure {
    WorkerFailure(
      reason, task: type.name, label: control?.options.label, attempts: max(1, control?.failedAttempts ?? 1))
  }
}

/// Where an item's outcome goes. Called once, on the reactor or by whoever ended the item: it must neither block nor call
/// the user's code.
protocol ItemSink: Sendable {
  func complete(_ outcome: ItemOutcome)

  /// The same where many items end together: the outcome may be left in `bulk`, which is delivered at once.
  func complete(_ outcome: ItemOutcome, through bulk: inout OutcomeBulk)
}

extension ItemSink {
  func complete(_ outcome: ItemOutcome, through bulk: inout OutcomeBulk) { complete(outcome) }
}

/// How an item ended.
enum ItemOutcome: Sendable {
  /// The worker's answer, not yet decoded.
  case answer(Answer)
  case failed(any Error)
}
