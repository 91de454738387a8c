import ParallelCore
import Testing

@Suite struct WaitListTests {
  private func list(_ count: Int) -> (list: WaitList<Int>, waiters: [Waiter<Int>]) {
    var list = WaitList<Int>()
    let waiters = (0..<count).map { Waiter($0) }
    for waiter in waiters { list.append(waiter) }
    return (list, waiters)
  }

  @Test func isEmptyAtFirst() {
    var list = WaitList<Int>()
    #expect(list.isEmpty)
    #expect(list.count == 0)
    #expect(list.first == nil)
    #expect(list.waiters.isEmpty)
    let isAdmitted = list.admitFirst()
    #expect(!isAdmitted)
    list.admitAll()
    #expect(list.isEmpty)
  }

  @Test func keepsTheOrderOfArrival() {
    let (list, waiters) = list(5)
    #expect(list.count == 5)
    #expect(list.first === waiters[0])
    #expect(list.waiters.map(\.request) == [0, 1, 2, 3, 4])
  }

  @Test(arguments: 0...3) func whoeverIsPutFirstIsFirst(count: Int) {
    var (list, waiters) = list(count)
    let newcomer = Waiter(99)
    list.prepend(newcomer)
    #expect(list.waiters.map(\.request) == [99] + waiters.map(\.request))
    #expect(list.count == count + 1)
    list.append(Waiter(100))
    #expect(list.waiters.last?.request == 100)
    list.admit(newcomer)
    #expect(list.waiters.map(\.request) == waiters.map(\.request) + [100])
  }

  @Test(arguments: 1...4) func anybodyLeavesFromAnyPlace(count: Int) {
    for place in 0..<count {
      var (list, waiters) = list(count)
      list.admit(waiters[place])
      let rest = (0..<count).filter { $0 != place }
      #expect(list.waiters.map(\.request) == rest)
      #expect(list.count == count - 1)
      #expect(list.isEmpty == (count == 1))
      for other in 0..<count { #expect(waiters[other].end == (other == place ? .admitted : nil)) }
      // The list is whole: it grows at its end, and shrinks to nothing.
      list.append(Waiter(7))
      #expect(list.waiters.map(\.request) == rest + [7])
      while list.admitFirst() {}
      #expect(list.isEmpty)
      #expect(list.count == 0)
      list.append(Waiter(8))
      #expect(list.waiters.map(\.request) == [8])
    }
  }

  @Test func allLeaveInAnyOrder() {
    let orders = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]]
    for order in orders {
      var (list, waiters) = list(4)
      var left = [0, 1, 2, 3]
      for number in order {
        list.admit(waiters[number])
        left.removeAll { $0 == number }
        #expect(list.waiters.map(\.request) == left)
        #expect(list.first?.request == left.first)
        #expect(list.count == left.count)
      }
    }
  }

  @Test func admitsTheFirst() {
    var (list, waiters) = list(3)
    var ends = [Bool]()
    ends.append(list.admitFirst())
    #expect(waiters.map(\.end) == [.admitted, nil, nil])
    for _ in 0..<3 { ends.append(list.admitFirst()) }
    #expect(ends == [true, true, true, false])
    #expect(waiters.map(\.end) == [.admitted, .admitted, .admitted])
  }

  @Test func admitsAllWhomTheConditionLetsAndKeepsItsAnswers() {
    var (list, waiters) = list(6)
    var asked: [Int] = []
    list.admitAll { request in
      asked.append(request)
      guard request % 2 == 1 else { return false }
      request += 100
      return true
    }
    #expect(asked == [0, 1, 2, 3, 4, 5])
    #expect(list.waiters.map(\.request) == [0, 2, 4])
    #expect(waiters.map(\.request) == [0, 101, 2, 103, 4, 105])
    #expect(waiters.map(\.end) == [nil, .admitted, nil, .admitted, nil, .admitted])
    list.admitAll()
    #expect(list.isEmpty)
    #expect(waiters.allSatisfy { $0.end == .admitted })
  }

  @Test func letsGoOfThoseWhoHaveLeft() {
    weak var gone: Waiter<Int>?
    do {
      var list = WaitList<Int>()
      let waiter = Waiter(1)
      gone = waiter
      list.append(waiter)
      list.append(Waiter(2))
      list.admit(waiter)
    }
    #expect(gone == nil)
  }
}
