import Glibc
import ParallelCore
import ParallelThreads
import TestSupport
import Testing

@Suite struct ThreadLocalTests {
  @Test func eachThreadHasItsOwn() throws {
    let local = ThreadLocal { 0 }
    local.value = 1
    let thread = try WorkerThread.start { () -> [Int] in
      let first = local.value
      local.value = 2
      local.withValue { $0 += 40 }
      return [first, local.value]
    }
    #expect(try thread.join() == [0, 42])
    #expect(local.value == 1)
  }

  @Test func theInitialValueIsMadeOnceAThreadAndOnlyWhenItIsNeeded() throws {
    let made = Guarded(0)
    let local = ThreadLocal { () -> Int in
      made.withLock { count in
        count += 1
        return count
      }
    }
    #expect(made.withLock { $0 } == 0)
    try WorkerThread.start {
      local.value = 100
      #expect(local.value == 100)
    }.join()
    #expect(made.withLock { $0 } == 0)
    try WorkerThread.start {
      #expect(local.value == 1)
      #expect(local.withValue { $0 } == 1)
    }.join()
    #expect(made.withLock { $0 } == 1)
  }

  @Test func aChangeThatThrowsKeepsWhatItChanged() {
    let local = ThreadLocal { [Int]() }
    #expect(throws: Oops.self) {
      try local.withValue { value throws(Oops) in
        value.append(1)
        throw Oops()
      }
    }
    #expect(local.value == [1])
  }

  @Test func valuesAreGoneWhenJoinReturns() throws {
    let alive = Guarded(0)
    let local = ThreadLocal { Counted(alive) }
    for _ in 0..<50 {
      let thread = try WorkerThread.start { () -> Int in
        local.withValue { $0.touch() }
        return alive.withLock { $0 }
      }
      #expect(try thread.join() == 1)
      #expect(alive.withLock { $0 } == 0)
    }
  }

  @Test func valuesOfForeignThreadsGoWithThem() async throws {
    let alive = Guarded(0)
    let local = ThreadLocal { Counted(alive) }
    for _ in 0..<50 {
      let thread = try NativeThread.start(name: "foreign") { local.withValue { $0.touch() } }
      try await onThread { thread.join() }
      #expect(alive.withLock { $0 } == 0)
    }
  }

  @Test func valuesAreDestroyedOnTheirThread() throws {
    let threads = Guarded<[ThreadHandle]>([])
    let local = ThreadLocal { AtEnd { threads.withLock { $0.append(.current) } } }
    let thread = try WorkerThread.start { local.withValue { $0.touch() } }
    try thread.join()
    #expect(threads.withLock { $0 } == [thread.handle])
  }

  @Test func aForeignThreadIsTheSameToItsLastValue() async throws {
    let threads = Guarded<[ThreadHandle]>([])
    let local = ThreadLocal { AtEnd { threads.withLock { $0.append(.current) } } }
    let thread = try NativeThread.start(name: "foreign") {
      threads.withLock { $0.append(.current) }
      local.withValue { $0.touch() }
    }
    try await onThread { thread.join() }
    let seen = threads.withLock { $0 }
    #expect(seen.count == 2 && seen.first == seen.last)
    #expect(!ThreadHandle.all.contains(seen[0]))
  }

  @Test func aValueThatIsReplacedGoesAtOnce() throws {
    let alive = Guarded(0)
    let local = ThreadLocal { Counted(alive) }
    try WorkerThread.start {
      for _ in 0..<5 {
        local.value = Counted(alive)
        #expect(alive.withLock { $0 } == 1)
      }
    }.join()
    #expect(alive.withLock { $0 } == 0)
  }

  @Test func aValueNeedNotBeSendable() throws {
    let local = ThreadLocal { Plain(0) }
    try WorkerThread.start {
      local.value.number = 3
      #expect(local.value.number == 3)
    }.join()
  }

  @Test func aValueThatGoesMayUseThreadLocals() throws {
    let alive = Guarded(0), ends = Guarded(0)
    let other = ThreadLocal { Counted(alive) }
    let many = (0..<40).map { _ in ThreadLocal { Counted(alive) } }
    let local = ThreadLocal { () -> AtEnd in
      AtEnd {
        other.withValue { $0.touch() }
        // More than there is room for: the table grows while it is cleared.
        for local in many { local.withValue { $0.touch() } }
        ends.withLock { $0 += 1 }
      }
    }
    try WorkerThread.start { local.withValue { $0.touch() } }.join()
    #expect(ends.withLock { $0 } == 1)
    #expect(alive.withLock { $0 } == 0)
  }

  @Test func aValueThatComesBackForeverDoesNotKeepItsThreadAlive() async throws {
    let ends = Guarded(0)
    let phoenix = Guarded<ThreadLocal<AtEnd>?>(nil)
    let local = ThreadLocal { () -> AtEnd in
      AtEnd {
        ends.withLock { $0 += 1 }
        phoenix.withLock { $0 }?.withValue { $0.touch() }
      }
    }
    phoenix.withLock { $0 = local }
    try await WorkerThread.start { local.withValue { $0.touch() } }.join()
    #expect(ends.withLock { $0 } == 8)
    let foreign = try NativeThread.start(name: "foreign") { local.withValue { $0.touch() } }
    try await onThread { foreign.join() }
    #expect(ends.withLock { $0 } == 16)
    phoenix.withLock { $0 = nil }
  }

  @Test func theCopyOfTheThreadThatLetsGoGoesWithTheThreadLocal() throws {
    let alive = Guarded(0)
    try WorkerThread.start {
      do {
        let local = ThreadLocal { Counted(alive) }
        local.withValue { $0.touch() }
        #expect(alive.withLock { $0 } == 1)
      }
      #expect(alive.withLock { $0 } == 0)
    }.join()
  }

  @Test func aNewThreadLocalNeverSeesAnOldOnesValue() async throws {
    let current = Guarded(ThreadLocal { Plain(1) })
    let used = try Gate(), replaced = try Gate()
    let thread = try WorkerThread.start { () -> Bool in
      guard current.withLock({ $0 }).value.number == 1 else { return false }
      used.open()
      replaced.pass()
      // In the same place, with the old one's value still in this thread's table.
      return current.withLock { $0 }.value.number == 2
    }
    try await used.opened()
    current.withLock { $0 = ThreadLocal { Plain(2) } }
    replaced.open()
    #expect(try await thread.join())
  }

  @Test func thoseThatAreGoneLeaveTheirPlaceToNewOnes() async {
    await #expect(processExitsWith: .success) {
      for round in 0..<1_000 {
        let local = ThreadLocal { round }
        try await WorkerThread.start { precondition(local.value == round) }.join()
      }
      precondition(ThreadLocalPlaces.count < 8, "\(ThreadLocalPlaces.count)")
    }
  }

  @Test func optionalValuesMayBeNil() throws {
    let local = ThreadLocal { Int?.some(1) }
    try WorkerThread.start {
      local.value = nil
      #expect(local.value == nil)
    }.join()
  }

  @Test func usingItInsideItsOwnChangeTraps() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      try readInsideChange()
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(text.contains("inside its own withValue"))
    await #expect(processExitsWith: .failure) { try writeInsideChange() }
    await #expect(processExitsWith: .failure) { try changeInsideChange() }
  }
}

private func readInsideChange() throws {
  let local = ThreadLocal { 1 }
  local.withValue { $0 += local.value }
}

private func writeInsideChange() throws {
  let local = ThreadLocal { 1 }
  local.withValue { _ in local.value = 2 }
}

private func changeInsideChange() throws {
  let local = ThreadLocal { 1 }
  local.withValue { _ in local.withValue { $0 = 2 } }
}

/// Not Sendable.
private final class Plain {
  var number: Int
  init(_ number: Int) { self.number = number }
}

/// Counts those that are alive.
final class Counted: Sendable {
  private let alive: Guarded<Int>
  init(_ alive: Guarded<Int>) {
    self.alive = alive
    alive.withLock { $0 += 1 }
  }
  deinit { alive.withLock { $0 -= 1 } }
  func touch() {}
}

private final class AtEnd: Sendable {
  private let onEnd: @Sendable () -> Void
  init(onEnd: @escaping @Sendable () -> Void) { self.onEnd = onEnd }
  deinit { onEnd() }
  func touch() {}
}
