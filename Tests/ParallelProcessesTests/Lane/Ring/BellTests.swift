import ParallelCore
import TestSupport
import Testing

@testable import ParallelProcesses

@Suite(.timeLimit(.minutes(10))) struct BellTests {
  private let memory: LaneMemory
  private var bell: Bell { memory.requests.bell }

  init() throws { memory = LaneMemory(unmapping: try SystemCalls.mapPrivate(size: LaneMemory.size)) }

  /// How often the reactor was rung.
  private func rings(_ count: Int = 1) -> Int {
    var rings = 0
    for _ in 0..<count { bell.ring { rings += 1 } }
    return rings
  }

  @Test func `nobody is rung who does not sleep`() {
    #expect(rings() == 0)
    bell.prepare(.inReactor)
    bell.cancel()
    #expect(rings() == 0)
  }

  @Test func `the reactor is rung once for each sleep`() {
    bell.prepare(.inReactor)
    #expect(rings(3) == 1)
    bell.prepare(.inReactor)
    #expect(rings(3) == 1)
  }

  @Test func `who sleeps on the word is woken without the reactor`() throws {
    bell.prepare(.onWord)
    #expect(rings() == 0)
    // Rung already: does not sleep.
    bell.sleep()
  }

  @Test func `a sleep ends at its deadline`() {
    bell.prepare(.onWord)
    let deadline = Deadline(timeout: .milliseconds(5))
    while !deadline.hasPassed { bell.sleep(until: deadline) }
    #expect(rings() == 0)
  }

  /// Both sides say "I sleep" and look once more before they do; both say "it is done" before they look who sleeps.
  @Test func `no ring is lost between two threads`() throws {
    let count = UInt64(rounds(release: 200_000))
    let memory = self.memory
    let (first, second) = (memory.requests, memory.results)
    try onThreads(2) { number in
      let (own, other) = number == 0 ? (first, second) : (second, first)
      for round in 1...count {
        if number == 0 {
          other.setTail(round)
          other.bell.ring {}
        }
        while own.tail < round {
          own.bell.prepare(.onWord)
          if own.tail < round { own.bell.sleep() }
          own.bell.cancel()
        }
        if number == 1 {
          other.setTail(round)
          other.bell.ring {}
        }
      }
    }
    #expect(first.tail == count && second.tail == count)
  }
}
