import ParallelCore
import SystemPackage

/// One task in a pool, or some consecutive ones of a batch, from submission to outcome. Owns its message and the message's
/// descriptors.
///
/// Tasks of a batch stay together as long as all goes well. One that fails, crashes, or has to be told something, and
/// those that another worker is to take, become an item of their own; the batch's bytes are shared by all of them.
final class PoolItem: @unchecked Sendable {
  // Sendable: what is variable is touched under the pool's lock only once the item was submitted, everything else is
  // immutable.

  enum Stage: Equatable {
    case waiting
    /// It has failed, and the pause before its next attempt is not over.
    case delayed
    case sent(worker: Int)
    case finished
  }

  let type: TaskType
  let sink: any ItemSink
  private let message: OutgoingMessage
  /// How many of its kind a worker may hold, even if their pace suggests fewer.
  let depth: Int?
  let batch: TaskBatch?
  /// Those of the batch that it stands for and that have no outcome. For a single task 0 alone.
  private(set) var tasks: Range<Int>
  var stage = Stage.waiting
  /// Its number on the lane that it was last sent over. The parts of what was sent together share it.
  var sequence: UInt64 = 0
  /// The tasks that were sent with it under that number; nil where it was not sent as a batch.
  var sentTasks: Range<Int>?
  /// Nil for an item with which nothing special is to be done.
  var control: ItemControl?

  init(
    type: TaskType, message: OutgoingMessage, depth: Int? = nil, sink: any ItemSink,
    options: TaskOptions = .default, submission: Deadline = .never
  ) {
    self.type = type
    self.message = message
    self.depth = depth
    self.sink = sink
    batch = nil
    tasks = 0..<1
    if !options.areDefault { control = ItemControl(options, submission: submission) }
  }

  /// A whole batch. The sink gets an outcome for each of its tasks.
  init(type: TaskType, batch: TaskBatch, depth: Int? = nil, sink: any ItemSink) {
    self.type = type
    self.batch = batch
    self.depth = depth
    self.sink = sink
    tasks = 0..<batch.count
    message = .bytes(EncodedMessage(bytes: []))
  }

  private init(_ tasks: Range<Int>, of other: PoolItem) {
    type = other.type
    sink = other.sink
    depth = other.depth
    batch = other.batch
    message = other.message
    stage = other.stage
    sequence = other.sequence
    self.tasks = tasks
  }

  /// Throws where the value can't be encoded.
  convenience init<T: WorkerTask>(
    _ task: T, of type: TaskType, sink: any ItemSink, options: TaskOptions = .default,
    submission: Deadline = .never
  ) throws(ParallelError) {
    do {
      self.init(
        type: type, message: try MessageEncoder().encodeOutgoing(task), sink: sink, options: options,
        submission: submission)
    } catch {
      throw .unencodable(T.self, error)
    }
  }

  deinit { message.closeDescriptors() }

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

// MARK: - Batches

extension PoolItem {
  /// How many tasks it stands for.
  var count: Int { tasks.count }

  /// What travels, where it is not in memory.
  var payload: ArraySlice<UInt8> {
    guard let batch else { return message.payload }
    return count == 1 ? batch.task(tasks.lowerBound) : batch.records(of: tasks)
  }

  var descriptors: [FileDescriptor] { message.descriptors }

  /// The message, where it is large.
  var memory: SealedMemory? { message.memory }

  /// The first tasks have their outcomes, or will have them otherwise. There are others.
  func dropFirst(_ count: Int = 1) { tasks.removeFirst(count) }

  /// Makes the first task an item of its own. There is another one.
  func splitFirst() -> PoolItem {
    defer { dropFirst() }
    return PoolItem(tasks.prefix(1), of: self)
  }

  /// Makes the tasks from this one on an item of their own. There is one before it.
  func split(at task: Int) -> PoolItem {
    let rest = PoolItem(task..<tasks.upperBound, of: self)
    tasks = tasks.lowerBound..<task
    return rest
  }
}

/// Where the outcomes of an item go. Called once for each of its tasks, on the reactor or by whoever ended it: it must
/// neither block nor call the user's code.
protocol ItemSink: Sendable {
  /// `task` counts in the item's batch. Where many items end together the outcome may be left in `bulk`, which is
  /// delivered at once.
  func complete(_ outcome: ItemOutcome, of task: Int, through bulk: inout OutcomeBulk)

  /// The same for tasks of a batch that follow one another, from `task` on.
  func complete(_ answers: AnswerRun, from task: Int, through bulk: inout OutcomeBulk)
}

extension ItemSink {
  func complete(_ answers: AnswerRun, from task: Int, through bulk: inout OutcomeBulk) {
    for (offset, index) in answers.range.enumerated() {
      complete(.answer(answers.answers[index]), of: task + offset, through: &bulk)
    }
  }
}

/// How an item ended.
enum ItemOutcome: Sendable {
  /// The worker's answer, not yet decoded.
  case answer(Answer)
  case failed(any Error)
}
