import Glibc

/// How far a run of many tasks has come.
///
/// The calls that run many tasks hand it out (`onProgress:`), for a ``ProgressBar`` or a display of the program's own:
///
/// ```swift
/// let sizes = try await pool.map(tasks) { progress in
///   log("\(progress.finished) of \(progress.total ?? 0), \(progress.rate) a second")
/// }
/// ```
///
/// A plain value that knows no clock: whoever records progress tells the time.
public struct PoolProgress: Sendable, Hashable {
  /// How long the rate remembers, in seconds: what happened that long ago counts about a third.
  private static let memory = 5.0
  /// Shorter pieces of time are put together, in seconds.
  private static let shortestSample = 0.05

  /// How many tasks have ended, the failed ones included.
  public private(set) var finished = 0
  /// How many of them have failed.
  public private(set) var failed = 0
  /// How many tasks there are in all; nil if that is not known.
  public var total: Int?
  /// The time from the start until something was last recorded.
  public private(set) var elapsed = Duration.zero

  // Tasks and seconds, each weighted by how recent they are; their quotient is the rate.
  private var weightedCount = 0.0
  private var weightedTime = 0.0
  /// What is not in the weighted sums yet.
  private var newCount = 0
  private var sampledUntil = 0.0

  /// Nothing is done yet.
  public init(total: Int? = nil) { self.total = total }

  /// Takes note of what has ended by now.
  ///
  /// - Parameters:
  ///   - succeeded: How many tasks have succeeded since the last call; not negative.
  ///   - failed: How many have failed.
  ///   - elapsed: The time since the start; earlier than in the last call counts as no time later.
  public mutating func record(succeeded: Int = 0, failed: Int = 0, at elapsed: Duration) {
    precondition(succeeded >= 0 && failed >= 0, "tasks that have ended do not become fewer")
    finished += succeeded + failed
    self.failed += failed
    newCount += succeeded + failed
    self.elapsed = max(self.elapsed, elapsed)
    let length = seconds - sampledUntil
    guard length >= Self.shortestSample else { return }
    let decay = exp(-length / Self.memory)
    weightedCount = weightedCount * decay + Double(newCount)
    weightedTime = weightedTime * decay + length
    newCount = 0
    sampledUntil = seconds
  }

  /// Tasks per second, mainly of the last few seconds; 0 as long as nothing is known.
  public var rate: Double {
    let time = weightedTime + (seconds - sampledUntil)
    return time > 0 ? (weightedCount + Double(newCount)) / time : 0
  }

  /// How long the rest takes at this rate; nil if the total or the rate is not known.
  public var timeLeft: Duration? {
    guard let total else { return nil }
    guard finished < total else { return .zero }
    // Beyond a century it says nothing, and a duration has its limits too.
    let left = Double(total - finished) / rate
    return left < 3e9 ? .seconds(left) : nil
  }

  /// The finished part, from 0 to 1; nil if the total is not known.
  public var fraction: Double? {
    guard let total else { return nil }
    return total > 0 ? min(1, Double(finished) / Double(total)) : 1
  }

  private var seconds: Double { elapsed / .seconds(1) }
}
