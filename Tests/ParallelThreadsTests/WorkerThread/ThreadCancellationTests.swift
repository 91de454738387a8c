import ParallelCore
import ParallelThreads
import TestSupport
import Testing

@Suite struct ThreadCancellationTests {
  @Test func aThreadThatWaitsForAnotherEnds() async throws {
    let gate = try Gate(), waits = try Gate()
    let other = try WorkerThread.start { gate.pass() }
    let thread = try WorkerThread.start {
      waits.open()
      try other.join()
    }
    try await waits.opened()
    thread.cancel()
    await #expect(throws: CancellationError.self) { try await thread.join() }
    #expect(thread.isCancelled)
    #expect(other.isAlive)
    #expect(!other.isCancelled)
    gate.open()
    try await other.join()
  }

  @Test func aThreadThatWasCancelledBeforeItsStartDoesNotWait() async throws {
    let gate = try Gate()
    let other = try WorkerThread.start { gate.pass() }
    let thread = WorkerThread { () -> Bool in
      guard ThreadHandle.current.isCancelled else { return false }
      do {
        try other.join()
        return false
      } catch is CancellationError { return true }
    }
    thread.handle.cancel()
    try thread.start()
    #expect(try await thread.join())
    gate.open()
    try await other.join()
  }

  @Test func whatIsThereWinsOverCancellation() async throws {
    let other = try WorkerThread.start { 3 }
    try await other.join()
    let thread = WorkerThread { try other.join() }
    thread.cancel()
    try thread.start()
    #expect(try await thread.join() == 3)
  }

  @Test func aBodyThatPollsSeesIt() async throws {
    let thread = try WorkerThread.start { () -> Int in
      var rounds = 0
      while !ThreadHandle.current.isCancelled { rounds += 1 }
      return rounds
    }
    thread.cancel()
    thread.cancel()
    _ = try await thread.join()
  }

  @Test func aCancelledTaskThatJoinsLeavesTheThreadAlone() async throws {
    let gate = try Gate()
    let thread = try WorkerThread.start { gate.pass() }
    let task = Task { try await thread.join() }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(!thread.isCancelled)
    #expect(thread.isAlive)
    gate.open()
    try await thread.join()
  }

  @Test func aCancelledTaskThatWantsTheValueCancelsTheThread() async throws {
    let gate = try Gate()
    let other = try WorkerThread.start { gate.pass() }
    let thread = try WorkerThread.start { try other.join() }
    let task = Task { try await thread.value }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    await #expect(throws: CancellationError.self) { try await thread.join() }
    #expect(thread.isCancelled)
    gate.open()
    try await other.join()
  }
}
