import ParallelCore

@testable import ParallelProcesses

/// What the simulation knows of one item: all that ever happened to it.
final class SimulatedItem: ItemSink, @unchecked Sendable {
  // Sendable: each simulation runs on one thread.

  struct Task: WorkerTask {
    var number: Int
    func run() -> Int { number }
  }

  let number: Int
  private(set) lazy var item = PoolItem(
    type: type, message: EncodedMessage(bytes: Self.bytes(number)), sink: self, options: options,
    submission: submission)
  private static let type = Result { () throws(ParallelError) in try TaskType.of(Task.self) }
  private let type: TaskType
  let options: TaskOptions
  let submission: Deadline
  var timesBegun = 0
  /// Workers that died while they ran it.
  var deaths = 0
  var timesThrown = 0
  /// How often of these because it was told to end.
  var timesGivenUp = 0
  var resultIsWritten = false
  var wasCancelled = false
  var outcomes: [ItemOutcome] = []
  var drops = 0

  init(_ number: Int, _ options: TaskOptions = .default, at submission: Deadline = .never) throws {
    self.number = number
    self.options = options
    self.submission = submission
    type = try Self.type.get()
  }

  /// Whether the pool's invariants were checked for its outcome.
  var isChecked = false

  /// How often it was resolved or dropped: once, in the end.
  var settlements: Int { outcomes.count + drops }

  var isSettled: Bool { settlements > 0 }

  func complete(_ outcome: ItemOutcome) { outcomes.append(outcome) }

  static func bytes(_ number: Int) -> [UInt8] { withUnsafeBytes(of: number) { Array($0) } }

  static func number(in bytes: some Sequence<UInt8>) -> Int {
    Array(bytes).withUnsafeBytes { $0.loadUnaligned(as: Int.self) }
  }
}
