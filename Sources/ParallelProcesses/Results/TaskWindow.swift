/// How many tasks an iteration may have under way.
///
/// Where that is left to the library it follows the pace of the tasks: while half of them are done within so short a time
/// that waking the consumer, and its pulling of tasks, would keep workers waiting, it doubles; when that takes long it goes
/// back by half, each time it is filled. What goes beyond the smallest one is pulled within as short a time.
struct TaskWindow {
  /// In nanoseconds, like the other.
  static let short: UInt64 = 2_000_000
  private static let long: UInt64 = 16_000_000

  private(set) var size: Int
  private let limits: ClosedRange<Int>
  /// When it was last filled, and with how many tasks.
  private var lastFilling: (time: UInt64, count: Int)?

  /// `limits` are one number where the caller has chosen it.
  init(_ limits: ClosedRange<Int>) {
    self.limits = limits
    size = limits.lowerBound
  }

  /// It is about to be filled again. `now` is the present moment in nanoseconds.
  mutating func adapt(at now: UInt64) {
    guard let (time, count) = lastFilling, count >= size / 2 else { return }
    switch now - time {
    case ..<Self.short: size = min(2 * size, limits.upperBound)
    case Self.long...: size = max(size / 2, limits.lowerBound)
    default: break
    }
  }

  /// So many tasks were submitted, from `start` on.
  mutating func noteFilling(with count: Int, from start: UInt64) { lastFilling = (start, count) }
}
