import ParallelFutures
import Testing

@Suite struct ObserverListTests {
  @Test func closingResumesWaitersInTheirOrder() {
    var list = ObserverList<String>()
    let tickets = (0..<20).map { _ in list.reserve() }
    for ticket in tickets.reversed() { #expect(list.suspend(ticket, "\(ticket)") == nil) }
    #expect(list.withdraw(tickets[3], because: .timedOut) == "\(tickets[3])")
    #expect(list.withdraw(tickets[3], because: .cancelled) == nil)
    let (resumed, drains) = list.close()
    #expect(resumed == tickets.filter { $0 != tickets[3] }.map { "\($0)" })
    #expect(!drains)
    #expect(list.close().resumed.isEmpty)
  }

  @Test func aWithdrawalBeforeTheSuspensionIsKept() {
    var list = ObserverList<String>()
    let ticket = list.reserve()
    #expect(list.withdraw(ticket, because: .cancelled) == nil)
    #expect(list.withdraw(ticket, because: .timedOut) == nil)
    #expect(list.suspend(ticket, "late") == .cancelled)
    #expect(list.close().resumed.isEmpty)
  }

  @Test func whoSuspendsAfterTheEndGoesOn() {
    var list = ObserverList<String>()
    let early = list.reserve()
    _ = list.close()
    #expect(list.suspend(early, "early") == .done)
    #expect(list.suspend(list.reserve(), "late") == .done)
  }

  @Test func oneDrainAtATime() {
    var list = ObserverList<String>()
    #expect(!list.add {})
    #expect(!list.add {})
    #expect(list.close().drains)
    #expect(!list.close().drains)
    #expect(!list.add {})
    for _ in 0..<3 { #expect(list.nextCallback() != nil) }
    #expect(!list.add {})
    #expect(list.nextCallback() != nil)
    #expect(list.nextCallback() == nil)
    #expect(list.add {})
  }
}
