import ParallelCore
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct EventTests {
  @Test func settingAndClearingTwiceIsAsOnce() async throws {
    let event = Event()
    #expect(!event.isSet)
    for _ in 0..<2 {
      event.set()
      #expect(event.isSet)
      #expect(try await event.wait())
    }
    for _ in 0..<2 {
      event.clear()
      #expect(!event.isSet)
      #expect(try await !event.wait(timeout: .zero))
    }
  }

  @Test func mayBeSetFromTheBeginning() async throws {
    let event = Event(isSet: true)
    #expect(event.isSet)
    #expect(try await event.wait())
    #expect(try await onThread { try event.wait() })
  }

  @Test(arguments: [false, true]) func setWakesThreadsAndTasksAndLetsLaterOnesPass(
    clearsAtOnce: Bool
  ) async throws {
    let event = Event()
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<5 {
        group.addTask { try await onThread { try event.wait() } }
        group.addTask { try await event.wait() }
        group.addTask { try await onThread { try event.wait(timeout: .seconds(600)) } }
        group.addTask { try await event.wait(timeout: .seconds(600)) }
      }
      try await event.room.hasInLine(20)
      event.set()
      // All who waited when it was set go on, though it is not any more.
      if clearsAtOnce { event.clear() }
      for try await passed in group { #expect(passed) }
    }
    #expect(event.isSet == !clearsAtOnce)
    #expect(try await event.wait(timeout: .zero) == !clearsAtOnce)
    #expect(try await onThread { try event.wait(timeout: .zero) } == !clearsAtOnce)
    try await event.room.hasInLine(0)
  }

  @Test(arguments: [Duration.zero, .seconds(-1), .nanoseconds(1), .milliseconds(20)])
  func aWaitGivesUpAtItsDeadline(timeout: Duration) async throws {
    let event = Event()
    let deadline = Deadline(timeout: timeout)
    #expect(try await !event.wait(timeout: timeout))
    #expect(deadline.hasPassed)
    try await onThread {
      let deadline = Deadline(timeout: timeout)
      let passed = try event.wait(timeout: timeout)
      #expect(!passed)
      #expect(deadline.hasPassed)
    }
    event.set()
    #expect(try await event.wait(timeout: timeout))
    #expect(try await onThread { try event.wait(timeout: timeout) })
    try await event.room.hasInLine(0)
  }

  @Test func aCancelledTaskStopsWaiting() async throws {
    let event = Event()
    let task = Task { try await isCancelled { try await event.wait() } }
    try await event.room.hasInLine(1)
    task.cancel()
    #expect(try await task.value)
    try await event.room.hasInLine(0)
  }

  @Test func aThreadBoundToACancelledTokenStopsWaiting() async throws {
    let event = Event()
    let token = CancellationToken()
    async let thread = onThread { try token.bound { try isCancelled { try event.wait() } } }
    try await event.room.hasInLine(1)
    token.cancel()
    #expect(try await thread)
    try await event.room.hasInLine(0)
    #expect(try await onThread { try token.bound { try isCancelled { try event.wait() } } })
  }

  @Test func aSetEventWinsOverACancellation() async throws {
    let event = Event(isSet: true)
    let token = CancellationToken()
    token.cancel()
    #expect(try await onThread { try token.bound { try event.wait() } })
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await event.wait()
    }
    #expect(try await task.value)
  }

  /// Without time there is no wait that could be cancelled, for threads as for tasks.
  @Test func aLookIsNotCancelled() async throws {
    let event = Event()
    let token = CancellationToken()
    token.cancel()
    #expect(try await onThread { try token.bound { try !event.wait(timeout: .zero) } })
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await !event.wait(timeout: .zero)
    }
    #expect(try await task.value)
  }

  @Test func oneWhoLeavesTakesNobodyAlong() async throws {
    let event = Event()
    let first = Task { try await event.wait() }
    try await event.room.hasInLine(1)
    let middle = Task { try await isCancelled { try await event.wait() } }
    try await event.room.hasInLine(2)
    async let last = onThread { try event.wait() }
    try await event.room.hasInLine(3)
    middle.cancel()
    #expect(try await middle.value)
    try await event.room.hasInLine(2)
    event.set()
    #expect(try await first.value)
    #expect(try await last)
  }

  #if DEBUG
    @Test func blockingInATaskIsReportedOnceForEachPlace() async throws {
      let event = Event()
      for _ in 0..<2 {
        #expect(
          synchronously {
            (try? event.wait(timeout: .milliseconds(50), fileID: "EventTests/task", line: 7)) == false
          })
      }
      #expect(BlockingCheck.reportedSites.contains("EventTests/task:7"))
      let passed = try await onThread {
        try event.wait(timeout: .milliseconds(50), fileID: "EventTests/thread", line: 7)
      }
      #expect(!passed)
      #expect(!BlockingCheck.reportedSites.contains("EventTests/thread:7"))
    }

    @Test func aLookIsNoBlocking() {
      for timeout in [Duration.zero, .seconds(-1)] {
        let isSet = synchronously {
          try? Event().wait(timeout: timeout, fileID: "EventTests/look", line: 7)
        }
        #expect(isSet == false)
      }
      #expect(!BlockingCheck.reportedSites.contains("EventTests/look:7"))
    }
  #endif
}
