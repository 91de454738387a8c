internal import CParallel

/// A point on the monotonic clock at which a wait gives up, or no such point.
///
/// A timeout becomes a deadline once, at the public call; everything below passes the deadline on, so that a wait
/// made of several waits never outlives its limit.
public struct Deadline: Sendable, Hashable, Comparable {
  /// Nanoseconds of `CLOCK_MONOTONIC`; `UInt64.max` stands for "never".
  public let nanoseconds: UInt64

  /// A deadline that never comes.
  public static let never = Deadline(nanoseconds: .max)

  /// A point on the clock.
  public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  /// The deadline `timeout` from now: never for nil, already past for zero or less.
  ///
  /// Durations too long for the clock (about 580 years) mean never.
  public init(timeout: Duration?) {
    guard let timeout else {
      self = .never
      return
    }
    let (seconds, attoseconds) = timeout.components
    guard seconds >= 0, attoseconds >= 0 else {
      self = Deadline(nanoseconds: 0)
      return
    }
    let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    // Rounded up: a wait may end a nanosecond late, never early.
    let fraction = UInt64((attoseconds + 999_999_999) / 1_000_000_000)
    let (length, overflow2) = whole.addingReportingOverflow(fraction)
    let (point, overflow3) = Deadline.now.nanoseconds.addingReportingOverflow(length)
    self = overflow || overflow2 || overflow3 ? .never : Deadline(nanoseconds: point)
  }

  /// The present moment.
  public static var now: Deadline { Deadline(nanoseconds: parallel_monotonic_nanoseconds()) }

  /// Whether it never comes.
  public var isNever: Bool { self == .never }

  /// Whether it has come.
  public var hasPassed: Bool { !isNever && self <= .now }

  /// The time left: nil for never, zero when the deadline has passed.
  public var remaining: Duration? { nanosecondsLeft.map { .nanoseconds(Int64(clamping: $0)) } }

  /// The same in nanoseconds.
  var nanosecondsLeft: UInt64? { isNever ? nil : nanoseconds(since: .now) }

  /// The time since an earlier point; zero if that is still to come.
  package func nanoseconds(since earlier: Deadline) -> UInt64 {
    nanoseconds - min(nanoseconds, earlier.nanoseconds)
  }

  /// The same as a duration.
  package func duration(since earlier: Deadline) -> Duration {
    .nanoseconds(Int64(clamping: nanoseconds(since: earlier)))
  }

  /// Whether the left one comes first.
  public static func < (left: Deadline, right: Deadline) -> Bool { left.nanoseconds < right.nanoseconds }
}
