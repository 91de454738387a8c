import ParallelCore

/// Looks for something again and again for a short while before the thread sleeps: being woken costs 30 to 60 µs.
///
/// It looks for longer where that has been worth it lately, and hardly at all where it was not, or where somebody else
/// wants this processor. Under a quota it does not look: what that takes is taken from the tasks.
struct IdleSpin {
  /// About what a wake-up costs: looking for longer than that costs more than sleeping.
  private static let longest: UInt64 = 50_000
  /// So little even where it has not helped lately: less than a wake-up costs, and longer than the other side needs
  /// between two messages. With less, two sides that have both begun to sleep would never find out that looking helps.
  private static let shortest: UInt64 = 10_000
  /// A gap of that length between two looks means that another thread ran here.
  private static let gap: UInt64 = 20_000
  private static let pausesPerLook = 8
  private static let looksPerReading = 4

  private var limit = longest
  private let isAllowed: Bool

  init(isAllowed: Bool) { self.isAllowed = isAllowed }

  /// Whether this process, and the workers that it starts, may look. Found out once, which takes about 0.2 ms.
  static let isAffordable: Bool = {
    let permitted = SystemCalls.permittedProcessors.count
    return isAffordable(permitted: permitted, quota: SystemCalls.processorQuota)
  }()

  static func isAffordable(permitted: Int, quota: Double?) -> Bool {
    permitted > 1 && quota ?? .infinity >= Double(permitted)
  }

  /// True as soon as `isThere` is; false after a while.
  @inline(__always)
  mutating func spin(until isThere: () -> Bool) -> Bool {
    if isThere() { return true }
    guard isAllowed else { return false }
    return look(until: isThere)
  }

  private mutating func look(until isThere: () -> Bool) -> Bool {
    let start = Deadline.now.nanoseconds
    var last = start
    while true {
      for _ in 0..<Self.looksPerReading {
        Spinning.pause(Self.pausesPerLook)
        if isThere() {
          limit = min(Self.longest, limit * 2)
          return true
        }
      }
      let now = Deadline.now.nanoseconds
      if now - last > Self.gap {
        limit = Self.shortest
        return false
      }
      if now - start > limit {
        limit = max(Self.shortest, limit / 2)
        return false
      }
      last = now
    }
  }
}
