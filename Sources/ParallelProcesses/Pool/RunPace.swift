/// How long a worker's items take, and so how many it may hold: enough to keep it busy for about a millisecond, so that
/// short items do not wait for messages, and long ones are not queued behind each other.
struct RunPace {
  private static let horizon = 1_000_000.0
  /// Between them the worker needs about this for the messages alone.
  private static let overhead = 2_000.0
  private static let deepest = 256

  /// A moving average, in nanoseconds; nil before the first item.
  private var average: Double?

  mutating func record(nanoseconds: UInt64) {
    // What a worker reports may be nonsense, but not dangerous.
    let sample = Double(min(nanoseconds, 1 << 50))
    guard let old = average else {
      average = sample
      return
    }
    // A slow item counts at once: holding items back is cheap, queueing them behind a slow one is not.
    average = sample > old ? (old + sample) / 2 : old + (sample - old) / 8
  }

  /// How many items take so long; none, as long as nothing is known.
  func count(in time: Duration) -> Int {
    guard let average else { return 0 }
    return Int(min(1e9, Double(time.inNanoseconds) / (average + Self.overhead)))
  }

  var depth: Int {
    guard let average else { return 1 }
    return max(1, min(Self.deepest, Int(Self.horizon / (average + Self.overhead))))
  }
}
