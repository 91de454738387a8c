internal import CParallel

/// A point on the monotonic clock at which a wait gives up, or no such point.
///
/// A timeout becomes a deadline once, at the public call; everything below passes the deadline on, so that a wait
/// made of several waits never outlives its limit.
package struct Deadline: Sendable, Hashable, Comparable {
  /// Nanoseconds of `CLOCK_MONOTONIC`; `UInt64.max` stands for "never".
  package let nanoseconds: UInt64

  /// A deadline that never comes.
  package static let never = Deadline(nanoseconds: .max)

  package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  /// The deadline `timeout` from now: never for nil, already past for zero or less.
  ///
  /// Durations too long for the clock (about 580 years) mean never.
  package init(timeout: Duration?) {
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
  package static var now: Deadline { Deadline(nanoseconds: parallel_monotonic_nanoseconds()) }

  package var isNever: Bool { self == .never }

  package var hasPassed: Bool { !isNever && self <= .now }

  /// The time left: nil for never, zero when the deadline has passed.
  package var remaining: Duration? {
    if isNever { return nil }
    let now = Deadline.now
    return self <= now ? .zero : .nanoseconds(Int64(clamping: nanoseconds - now.nanoseconds))
  }

  package static func < (left: Deadline, right: Deadline) -> Bool { left.nanoseconds < right.nanoseconds }
}
