import ParallelCore
import ParallelFutures
import TestSupport
import Testing

@testable import ParallelProcesses

@Suite struct AdmissionGateTests {
  /// A gate with no place left.
  private func fullGate(_ limit: Int = 1) -> AdmissionGate {
    let gate = AdmissionGate(limit: limit)
    for _ in 0..<limit { #expect(gate.tryEnter()) }
    #expect(!gate.tryEnter())
    return gate
  }

  /// How many places are free; takes them.
  private func freePlaces(_ gate: AdmissionGate) -> Int {
    var count = 0
    while gate.tryEnter() { count += 1 }
    return count
  }

  @Test func letsInAsManyAsItHasPlaces() {
    let gate = fullGate(3)
    gate.leave()
    #expect(gate.tryEnter())
    #expect(!gate.tryEnter())
  }

  @Test func aTicketForAFreePlaceIsGrantedAtOnce() {
    let gate = AdmissionGate(limit: 1)
    #expect(gate.ticket().isDone)
    #expect(!gate.tryEnter())
  }

  @Test func ticketsAreGrantedInTheirOrder() {
    let gate = fullGate()
    let tickets = (0..<5).map { _ in gate.ticket() }
    for count in 0..<5 {
      #expect(tickets.map(\.isDone) == (0..<5).map { $0 < count })
      gate.leave()
    }
    #expect(tickets.allSatisfy { $0.isDone })
    #expect(freePlaces(gate) == 0)
    gate.leave()
    #expect(freePlaces(gate) == 1)
  }

  @Test func nobodyGetsPastThoseWhoWait() {
    let gate = fullGate()
    let ticket = gate.ticket()
    gate.leave()
    #expect(!gate.tryEnter())
    #expect(ticket.isDone)
  }

  @Test func whoGivesUpWhileWaitingIsPassedOver() {
    let gate = fullGate()
    let first = gate.ticket()
    let second = gate.ticket()
    gate.giveUp(first)
    gate.leave()
    #expect(second.isDone && !second.isCancelled)
    #expect(freePlaces(gate) == 0)
  }

  @Test func whoGivesUpAGrantedTicketLeavesThePlaceToTheNext() {
    let gate = fullGate()
    let first = gate.ticket()
    let second = gate.ticket()
    gate.leave()
    gate.giveUp(first)
    #expect(second.isDone)
    gate.giveUp(second)
    #expect(freePlaces(gate) == 1)
  }

  @Test func aTicketCancelledByOthersIsPassedOver() {
    let gate = fullGate()
    let first = gate.ticket()
    let second = gate.ticket()
    first.cancel()
    gate.leave()
    #expect(second.isDone && !second.isCancelled)
  }

  @Test func neverMoreThanItsPlacesFromManyThreads() throws {
    let limit = 3
    let gate = AdmissionGate(limit: limit)
    let seed = SeededRandom(for: "admission gate").seed
    let inside = Guarded((now: 0, most: 0))
    let turns = rounds(release: 60_000)
    let threads = try (0..<8).map { number in
      try NativeThread.start(name: "gate-\(number)") {
        var random = SeededRandom(seed: seed &+ UInt64(number))
        for _ in 0..<turns {
          guard enter(gate, &random) else { continue }
          inside.withLock { inside in
            inside.now += 1
            inside.most = max(inside.most, inside.now)
          }
          for _ in 0..<random.next() % 64 { _ = random.next() }
          inside.withLock { $0.now -= 1 }
          gate.leave()
        }
      }
    }
    for thread in threads { thread.join() }
    #expect(inside.withLock { $0.most } <= limit, "seed \(seed)")
    #expect(freePlaces(gate) == limit, "seed \(seed)")
  }
}

/// In one of the ways there are; false for who gave up.
private func enter(_ gate: AdmissionGate, _ random: inout SeededRandom) -> Bool {
  if Bool.random(using: &random) { return gate.tryEnter() }
  let ticket = gate.ticket()
  do {
    try ticket.get(timeout: .microseconds(Int.random(in: 0..<200, using: &random)))
    return true
  } catch {
    gate.giveUp(ticket)
    return false
  }
}
