import ParallelCore

@testable import ParallelProcesses

/// What the simulation knows of one task: all that ever happened to it.
final class SimulatedItem: ItemSink, @unchecked Sendable {
  // Sendable: each simulation runs on one thread.

  struct Task: WorkerTask {
    var number: Int

    init(number: Int) { self.number = number }

    init(from decoder: any Decoder) throws {
      number = Int(try decoder.singleValueContainer().decode(Double.self))
    }

    /// As what always takes eight bytes, which are the message's last: so it need not be decoded to be known.
    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(Double(number))
    }

    func run() -> Int { number }
  }

  let number: Int
  /// What stands for it in the pool, at first; the same for all tasks of a batch.
  private(set) var item: PoolItem! = nil
  let options: TaskOptions
  let submission: Deadline
  var timesBegun = 0
  /// Workers that died while they ran it.
  var deaths = 0
  /// How many of these ran nothing else.
  var deathsAlone = 0
  var timesThrown = 0
  /// How often of these because it was told to end.
  var timesGivenUp = 0
  var resultIsWritten = false
  var wasCancelled = false
  var outcomes: [ItemOutcome] = []
  var drops = 0

  private static let type = Result { () throws(ParallelError) in try TaskType.of(Task.self) }

  /// A task by itself.
  init(_ number: Int, _ options: TaskOptions = .default, at submission: Deadline = .never) throws {
    self.number = number
    self.options = options
    self.submission = submission
    item = try PoolItem(
      Task(number: number), of: Self.type.get(), sink: self, options: options, submission: submission)
  }

  private init(inBatch number: Int, at submission: Deadline) {
    self.number = number
    self.submission = submission
    options = .default
  }

  /// The tasks of a batch.
  static func batch(_ numbers: Range<Int>, at submission: Deadline) throws -> [SimulatedItem] {
    let writer = TaskBatchWriter()
    for number in numbers { _ = try writer.add(Task(number: number)) }
    let items = numbers.map { SimulatedItem(inBatch: $0, at: submission) }
    let item = try PoolItem(type: type.get(), batch: writer.takeBatch(), sink: SimulatedBatch(items: items))
    for task in items { task.item = item }
    return items
  }

  /// Whether the pool's invariants were checked for its outcome.
  var isChecked = false

  /// How often it was resolved or dropped: once, in the end.
  var settlements: Int { outcomes.count + drops }

  var isSettled: Bool { settlements > 0 }

  func complete(_ outcome: ItemOutcome, of task: Int, through bulk: inout OutcomeBulk) {
    outcomes.append(outcome)
  }

  static func number(in message: ArraySlice<UInt8>) -> Int {
    message.suffix(8).withUnsafeBytes { Int($0.loadUnaligned(as: Double.self)) }
  }
}

/// Where the outcomes of a batch go.
struct SimulatedBatch: ItemSink {
  let items: [SimulatedItem]

  func complete(_ outcome: ItemOutcome, of task: Int, through bulk: inout OutcomeBulk) {
    items[task].outcomes.append(outcome)
  }
}
