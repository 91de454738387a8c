import ParallelCore
import ParallelThreads
import TestSupport
import Testing

struct Oops: Error, Equatable {}

@Suite struct JoinTests {
  @Test func givesTheValueAgainAndAgain() throws {
    let thread = try WorkerThread.start(name: "sum") { (1...10).reduce(0, +) }
    #expect(try thread.join() == 55)
    #expect(try thread.join() == 55)
    #expect(try thread.join(timeout: .zero) == 55)
    #expect(!thread.isAlive)
    #expect(thread.nativeID == nil)
    #expect(!ThreadHandle.all.contains(thread.handle))
  }

  @Test func rethrowsTheErrorAgainAndAgain() async throws {
    let thread = try WorkerThread.start(name: "fails") { () throws -> Int in throw Oops() }
    await #expect(throws: Oops.self) { try await thread.join() }
    await #expect(throws: Oops.self) { try await thread.value }
    await #expect(throws: Oops.self) { try await onThread { try thread.join() } }
  }

  @Test func aRunningThreadIsAliveAndListed() async throws {
    let gate = try Gate()
    let thread = try WorkerThread.start { gate.pass() }
    #expect(thread.isAlive)
    #expect(ThreadHandle.all.contains(thread.handle))
    gate.open()
    try await thread.join()
    #expect(!thread.isAlive)
  }

  @Test func manyThreadsAndTasksJoinOne() async throws {
    let gate = try Gate()
    let thread = try WorkerThread.start { () -> Int in
      gate.pass()
      return 7
    }
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<12 {
        group.addTask { try await thread.join() }
        group.addTask { try await thread.value }
        group.addTask { try await onThread { try thread.join(timeout: .seconds(600)) } }
      }
      gate.open()
      var values: [Int] = []
      for try await value in group { values.append(value) }
      #expect(values == Array(repeating: 7, count: 36))
    }
  }

  @Test func aTimeoutLeavesTheThreadAlone() async throws {
    let gate = try Gate()
    let thread = try WorkerThread.start { () -> Int in
      gate.pass()
      return 1
    }
    for timeout in [Duration.seconds(-1), .zero, .milliseconds(20)] {
      let before = ContinuousClock.now
      let error = await #expect(throws: ParallelError.self) { try await thread.join(timeout: timeout) }
      #expect(error?.code == .timedOut)
      #expect(ContinuousClock.now - before >= timeout)
      let blocking = await #expect(throws: ParallelError.self) {
        try await onThread { try thread.join(timeout: timeout) }
      }
      #expect(blocking?.code == .timedOut)
    }
    #expect(thread.isAlive)
    gate.open()
    #expect(try await thread.join() == 1)
  }

  @Test func joinReturnsWhenNothingIsLeftOfTheBody() throws {
    for _ in 0..<50 {
      weak var weakObject: Payload?
      let thread: WorkerThread<Void>
      do {
        let object = Payload()
        weakObject = object
        thread = WorkerThread { [object] in object.touch() }
      }
      #expect(weakObject != nil)
      try thread.start()
      try thread.join()
      #expect(weakObject == nil)
    }
  }

  @Test func theResultGoesWithTheLastReferenceToTheThread() throws {
    weak var weakObject: Payload?
    do {
      let thread = try WorkerThread.start { Payload() }
      weakObject = try thread.join()
      #expect(weakObject != nil)
    }
    #expect(weakObject == nil)
  }

  @Test func anUnstartedThreadLetsGoOfItsBody() {
    weak var weakObject: Payload?
    do {
      let object = Payload()
      weakObject = object
      _ = WorkerThread { [object] in object.touch() }
    }
    #expect(weakObject == nil)
  }
}

final class Payload: Sendable {
  func touch() {}
}
