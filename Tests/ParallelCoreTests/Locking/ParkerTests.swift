import ParallelCore
import Synchronization
import TestSupport
import Testing

@Suite struct ParkerTests {
  @Test func keepsAWakeUpThatComesFirst() {
    let parker = Parker()
    parker.unpark()
    #expect(parker.park())
  }

  @Test func keepsOneWakeUpOnly() {
    let parker = Parker()
    for _ in 0..<3 { parker.unpark() }
    #expect(parker.park(until: Deadline(nanoseconds: 0)))
    #expect(!parker.park(until: Deadline(nanoseconds: 0)))
  }

  @Test(arguments: [Duration.zero, .seconds(-1), .nanoseconds(1), .milliseconds(2)])
  func givesUpAtTheDeadlineAndNeverBefore(timeout: Duration) {
    let deadline = Deadline(timeout: timeout)
    #expect(!Parker().park(until: deadline))
    #expect(deadline.hasPassed)
  }

  @Test func aWakeUpWinsATie() {
    let parker = Parker()
    parker.unpark()
    #expect(parker.park(until: Deadline(timeout: .zero)))
  }

  @Test func passesTheTurnBackAndForth() throws {
    let ping = Parker()
    let pong = Parker()
    let turns = rounds(release: 100_000)
    try onThreads(2) { number in
      for _ in 0..<turns {
        if number == 0 {
          ping.unpark()
          #expect(pong.park())
        } else {
          #expect(ping.park())
          pong.unpark()
        }
      }
    }
  }

  /// A wake-up at about the deadline is either what ends the wait, or is there for the next one: never both or neither.
  @Test func noWakeUpIsLostOrDoubledAtTheDeadline() throws {
    let parker = Parker()
    let ready = Parker()
    let turns = rounds(release: 20_000)
    var random = SeededRandom(for: "ParkerTests")
    let timeouts = (0..<turns).map { _ in Duration.nanoseconds(Int64.random(in: 0..<60_000, using: &random)) }
    try onThreads(2) { number in
      for timeout in timeouts {
        if number == 0 {
          ready.unpark()
          if !parker.park(until: Deadline(timeout: timeout)) { #expect(parker.park()) }
          #expect(!parker.park(until: Deadline(nanoseconds: 0)))
        } else {
          #expect(ready.park())
          parker.unpark()
        }
      }
    }
  }
}
