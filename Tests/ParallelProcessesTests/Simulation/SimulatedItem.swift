import ParallelCore

@testable import ParallelProcesses

/// What the simulation knows of one item: all that ever happened to it.
final class SimulatedItem: ItemSink, @unchecked Sendable {
  // Sendable: each simulation runs on one thread.

  struct Task: WorkerTask {
    var number: Int
    func run() -> Int { number }
  }

  /// The error of an item that takes the blame for a worker's death.
  struct Blamed: Error { var number: Int }

  let number: Int
  private(set) lazy var item = PoolItem(
    type: type, message: EncodedMessage(bytes: Self.bytes(number)), sink: self)
  private let type: TaskType
  var timesBegun = 0
  var resultIsWritten = false
  var wasCancelled = false
  var outcomes: [ItemOutcome] = []
  var drops = 0

  init(_ number: Int) throws {
    self.number = number
    type = try TaskType.of(Task.self)
  }

  /// So many of them the pool's invariants were checked for.
  var checkedSettlements = 0

  /// How often it was resolved or dropped: once, in the end.
  var settlements: Int { outcomes.count + drops }

  var isSettled: Bool { settlements > 0 }

  func complete(_ outcome: ItemOutcome) { outcomes.append(outcome) }

  static func bytes(_ number: Int) -> [UInt8] { withUnsafeBytes(of: number) { Array($0) } }

  static func number(in bytes: some Sequence<UInt8>) -> Int {
    Array(bytes).withUnsafeBytes { $0.loadUnaligned(as: Int.self) }
  }
}
