import ParallelCore
import Testing

@Suite struct DeadlineTests {
  @Test func nilMeansNever() {
    let deadline = Deadline(timeout: nil)
    #expect(deadline == .never)
    #expect(deadline.isNever)
    #expect(!deadline.hasPassed)
    #expect(deadline.remaining == nil)
  }

  @Test(arguments: [
    Duration.zero, .nanoseconds(-1), .seconds(-5), .seconds(Int64.min),
    Duration(secondsComponent: 0, attosecondsComponent: -1),
  ]) func zeroAndLessHavePassed(timeout: Duration) {
    let deadline = Deadline(timeout: timeout)
    #expect(deadline.hasPassed)
    #expect(deadline.remaining == .zero)
    #expect(!deadline.isNever)
  }

  @Test(arguments: [
    Duration.seconds(Int64.max), .seconds(18_446_744_073), .seconds(18_446_744_074), .seconds(1 << 40),
    Duration(secondsComponent: .max, attosecondsComponent: 999_999_999_999_999_999),
  ]) func whatTheClockCannotHoldIsNever(timeout: Duration) {
    #expect(Deadline(timeout: timeout).isNever)
  }

  @Test func aFarDeadlineIsKeptAsItIs() {
    // 292 years, the longest that an Int64 of nanoseconds holds.
    let timeout = Duration.nanoseconds(Int64.max)
    let before = Deadline.now.nanoseconds
    let deadline = Deadline(timeout: timeout)
    #expect(!deadline.isNever)
    #expect(deadline.nanoseconds >= before + UInt64(Int64.max))
    #expect(deadline.remaining! <= timeout)
    #expect(Deadline(nanoseconds: .max - 1).remaining == .nanoseconds(Int64.max))
  }

  @Test(arguments: [
    (Duration(secondsComponent: 0, attosecondsComponent: 1), UInt64(1)),
    (Duration(secondsComponent: 0, attosecondsComponent: 1_000_000_000), UInt64(1)),
    (Duration(secondsComponent: 0, attosecondsComponent: 1_000_000_001), UInt64(2)),
    (Duration(secondsComponent: 3, attosecondsComponent: 999_999_999_999_999_999), UInt64(4_000_000_000)),
    (.seconds(2), UInt64(2_000_000_000)),
  ]) func fractionsOfANanosecondAreRoundedUp(timeout: Duration, length: UInt64) {
    let before = Deadline.now.nanoseconds
    let deadline = Deadline(timeout: timeout).nanoseconds
    let after = Deadline.now.nanoseconds
    #expect(deadline >= before + length)
    #expect(deadline <= after + length)
  }

  @Test func comparesByTime() {
    let deadlines = [Deadline.never, .now, Deadline(nanoseconds: 1), Deadline(nanoseconds: 0)]
    #expect(deadlines.sorted() == deadlines.reversed())
    #expect(Deadline(timeout: .seconds(1)) < Deadline(timeout: .seconds(100)))
  }

  @Test func theClockNeverGoesBack() {
    var last = Deadline.now
    for _ in 0..<10_000 {
      let now = Deadline.now
      #expect(now >= last)
      last = now
    }
  }
}
