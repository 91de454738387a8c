import ParallelCore

/// Which processor each of a pool's workers gets for itself, where each is to have one.
///
/// A new worker gets one of those that the fewest have. It gives it back when it dies, so its successor gets the same.
final class ProcessorAllotment: Sendable {
  private let workers: Guarded<[Int: Int]>

  /// None of the processors is taken. There must be at least one.
  init(processors: [Int]) { workers = Guarded(Dictionary(processors.map { ($0, 0) }) { first, _ in first }) }

  /// A processor, until it is given back.
  func take() -> Int {
    workers.withLock { workers in
      let processor = workers.min { ($0.value, $0.key) < ($1.value, $1.key) }!.key
      workers[processor]! += 1
      return processor
    }
  }

  func giveBack(_ processor: Int) { workers.withLock { $0[processor]! -= 1 } }
}
