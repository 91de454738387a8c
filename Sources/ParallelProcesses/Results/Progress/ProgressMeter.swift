import ParallelCore

/// Counts what one run has done and tells it, on the consumer's side, to whoever wants to know.
final class ProgressMeter {
  /// Also the longest time without news, so that a display that shows the time does not stand still.
  private static let interval: UInt64 = 100_000_000

  private let listener: (PoolProgress) -> Void
  private let start = Deadline.now.nanoseconds
  private var progress: PoolProgress
  private var succeeded = 0
  private var failed = 0
  private(set) var nextReport: Deadline

  init(total: Int?, listener: @escaping (PoolProgress) -> Void) {
    self.listener = listener
    progress = PoolProgress(total: total)
    nextReport = Deadline(nanoseconds: start + Self.interval)
  }

  func count(succeeded isSuccess: Bool) {
    if isSuccess { succeeded += 1 } else { failed += 1 }
  }

  func reportIfDue() {
    if nextReport.hasPassed { report() }
  }

  func report() {
    let now = Deadline.now.nanoseconds
    progress.record(succeeded: succeeded, failed: failed, at: .nanoseconds(Int64(now - start)))
    succeeded = 0
    failed = 0
    nextReport = Deadline(nanoseconds: now + Self.interval)
    listener(progress)
  }
}

extension ProgressMeter {
  /// Nil if nobody listens.
  static func make<Input>(
    for tasks: TaskSource<Input>, _ listener: ((PoolProgress) -> Void)?
  ) -> ProgressMeter? {
    listener.map { ProgressMeter(total: tasks.count, listener: $0) }
  }

  static func make(_ listener: ((PoolProgress) -> Void)?) -> ProgressMeter? {
    listener.map { ProgressMeter(total: nil, listener: $0) }
  }
}
