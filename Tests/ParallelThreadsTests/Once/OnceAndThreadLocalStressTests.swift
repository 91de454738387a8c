import ParallelCore
import ParallelThreads
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(20))) struct OnceAndThreadLocalStressTests {
  /// Eight threads use thread-locals that come and go under them, and race to do things once.
  @Test func manyThreadsUseManyThreadLocalsAndOnces() async throws {
    var random = SeededRandom(for: "thread-locals and onces")
    let alive = Guarded(0)
    let shared = Guarded((0..<12).map { Slot(number: $0, alive) })
    let onces = (0..<1_000).map { _ in (once: Once(), runs: Guarded(0)) }
    let count = rounds(release: 200_000)
    let threads = try (0..<8).map { thread in
      let seed = random.next()
      return try WorkerThread.start(name: "stress-\(thread)") {
        var random = SeededRandom(seed: seed)
        // What this thread last wrote to the thread-local with the number.
        var written: [Int: Int] = [:]
        for round in 0..<count {
          try step(round, &random, shared, onces, &written, alive)
        }
      }
    }
    for thread in threads { try await thread.join() }
    shared.withLock { $0 = [] }
    #expect(alive.withLock { $0 } == 0)
    for (once, runs) in onces { #expect(runs.withLock { $0 } == (once.isDone ? 1 : 0)) }
  }
}

private final class Slot: Sendable {
  let number: Int
  let local: ThreadLocal<Entry>

  init(number: Int, _ alive: Guarded<Int>) {
    self.number = number
    local = ThreadLocal { Entry(slot: number, counted: Counted(alive)) }
  }
}

private struct Entry: Sendable {
  var slot: Int
  var value = 0
  var counted: Counted
}

private struct Wrong: Error {
  var round: Int
  var what: String
}

private func step(
  _ round: Int, _ random: inout SeededRandom, _ shared: Guarded<[Slot]>,
  _ onces: [(once: Once, runs: Guarded<Int>)], _ written: inout [Int: Int], _ alive: Guarded<Int>
) throws {
  let place = Int.random(in: 0..<12, using: &random)
  let slot = shared.withLock { $0[place] }
  switch Int.random(in: 0..<100, using: &random) {
  case ..<40:
    let entry = slot.local.value
    guard entry.slot == slot.number, entry.value == written[slot.number, default: 0] else {
      throw Wrong(round: round, what: "read")
    }
  case ..<80:
    slot.local.withValue { $0.value += 1 }
    written[slot.number, default: 0] += 1
  case ..<81:
    let new = Slot(number: slot.number + 12, alive)
    let old = shared.withLock { slots in
      defer { if slots[place].number < new.number { slots[place] = new } }
      return slots[place]
    }
    withExtendedLifetime(old) {}
  default:
    let (once, runs) = onces[Int.random(in: 0..<onces.count, using: &random)]
    let fails = Bool.random(using: &random)
    do {
      try once.run { () throws(Oops) in
        if fails { throw Oops() }
        runs.withLock { $0 += 1 }
      }
    } catch {
      // It has not been done, and whoever comes next tries.
    }
    guard fails || once.isDone else { throw Wrong(round: round, what: "once") }
  }
}
