/// How often a task is run again after it has failed, on which failures, and after what pause.
///
/// ```swift
/// let options = TaskOptions(retries: RetryPolicy(3, on: [.crashes, .errors]))
/// let page = try await pool.run(Fetch(url), options: options)
/// ```
///
/// Only a task that may run twice without harm should be retried: an attempt that crashed may have done all of its work
/// but the answer. The time limits of ``TaskOptions`` hold for all attempts together.
public struct RetryPolicy: Sendable, Hashable {
  /// Failures after which a task is run again.
  public struct Failures: OptionSet, Sendable, Hashable {
    /// The bits of the set.
    public let rawValue: Int
    /// A set with these bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// The worker died while it ran the task, or was ended because it took too much memory.
    public static let crashes = Failures(rawValue: 1)
    /// The task threw an error.
    public static let errors = Failures(rawValue: 2)
  }

  /// How many times the task is run again, at most; 0 for never.
  public var count: Int
  /// The failures that count.
  public var failures: Failures
  /// The pause before the second attempt; each further one is twice as long.
  public var initialDelay: Duration
  /// The longest pause.
  public var maximumDelay: Duration
  /// By how much a pause is shortened at random, as a part of it, so that tasks that failed together do not come back
  /// together: 0 for not at all, 1 for anything down to no pause.
  public var jitter: Double

  /// A policy.
  public init(
    _ count: Int, on failures: Failures = .crashes, initialDelay: Duration = .milliseconds(10),
    maximumDelay: Duration = .seconds(5), jitter: Double = 0.5
  ) {
    self.count = count
    self.failures = failures
    self.initialDelay = initialDelay
    self.maximumDelay = maximumDelay
    self.jitter = jitter
  }

  /// A task runs once, whatever comes of it.
  public static let never = RetryPolicy(0)
}

extension RetryPolicy {
  /// What is wrong with it; nil if nothing is.
  var flaw: String? {
    if count < 0 { return "a task can't be retried \(count) times" }
    if initialDelay < .zero || maximumDelay < .zero { return "a pause between attempts can't be negative" }
    if !(0...1).contains(jitter) { return "jitter must be between 0 and 1, not \(jitter)" }
    return nil
  }

  /// The pause after so many failed attempts, in nanoseconds.
  func delay(afterAttempts attempts: Int, _ random: inout some RandomNumberGenerator) -> UInt64 {
    let longest = maximumDelay.inNanoseconds
    let (doubled, overflow) = initialDelay.inNanoseconds
      .multipliedReportingOverflow(by: 1 << UInt64(min(attempts - 1, 40)))
    let full = overflow ? longest : min(doubled, longest)
    guard jitter > 0, full > 0 else { return full }
    return full - UInt64(Double(full) * jitter * Double.random(in: 0..<1, using: &random))
  }
}

extension Duration {
  /// In whole nanoseconds, rounded up; never less than none, and at most what a clock can count.
  var inNanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflow2) = whole.addingReportingOverflow(UInt64((attoseconds + 999_999_999) / 1_000_000_000))
    return overflow || overflow2 ? .max : sum
  }
}
