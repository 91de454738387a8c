import ParallelCore
import TestSupport
import Testing

@Suite struct WaitRoomSuspendingTests {
  @Test func aTaskIsSuspendedUntilItIsAdmitted() async throws {
    let semaphore = TestSemaphore(0)
    let task = Task { try await semaphore.acquire() }
    try await eventually("the task waits") { semaphore.requests == [1] }
    semaphore.release()
    #expect(try await task.value)
    #expect(semaphore.requests == [])
  }

  @Test func aTaskMayBeAdmittedBeforeItIsSuspended() async throws {
    let semaphore = TestSemaphore(0)
    let waiter = try #require(semaphore.enter())
    semaphore.release()
    #expect(try await semaphore.room.suspend(waiter, until: .never))
  }

  @Test(arguments: [Duration.zero, .seconds(-1), .nanoseconds(1), .milliseconds(2)])
  func aTaskGivesUpAtTheDeadlineAndNeverBefore(timeout: Duration) async throws {
    let semaphore = TestSemaphore(0)
    let deadline = Deadline(timeout: timeout)
    #expect(try await !semaphore.acquire(until: deadline))
    #expect(deadline.hasPassed)
    #expect(semaphore.requests == [])
  }

  @Test func admissionBeatsTheDeadline() async throws {
    let semaphore = TestSemaphore(0)
    let waiter = try #require(semaphore.enter())
    semaphore.release()
    #expect(try await semaphore.room.suspend(waiter, until: Deadline(nanoseconds: 0)))
  }

  @Test func admissionBeatsCancellation() async throws {
    let semaphore = TestSemaphore(0)
    let task = Task {
      let waiter = try #require(semaphore.enter())
      semaphore.release()
      withUnsafeCurrentTask { $0?.cancel() }
      return try await semaphore.room.suspend(waiter, until: .never)
    }
    #expect(try await task.value)
  }

  @Test(arguments: [Deadline.never, Deadline(timeout: .seconds(3600))])
  func cancellationBeforeTheWaitEndsIt(deadline: Deadline) async throws {
    let semaphore = TestSemaphore(0)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await semaphore.acquire(until: deadline)
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(semaphore.requests == [])
  }

  @Test(arguments: [Deadline.never, Deadline(timeout: .seconds(3600))])
  func cancellationDuringTheWaitEndsIt(deadline: Deadline) async throws {
    let semaphore = TestSemaphore(0)
    let task = Task { try await semaphore.acquire(until: deadline) }
    try await eventually("the task waits") { semaphore.requests == [1] }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(semaphore.requests == [])
  }

  @Test func cancellationAfterTheWaitDoesNothing() async throws {
    let semaphore = TestSemaphore(0)
    let (isAdmitted, goOn) = (try Gate(), try Gate())
    let task = Task {
      let result = try await semaphore.acquire()
      isAdmitted.open()
      try await goOn.opened()
      return result
    }
    try await eventually("the task waits") { semaphore.requests == [1] }
    semaphore.release()
    try await isAdmitted.opened()
    task.cancel()
    goOn.open()
    #expect(try await task.value)
    #expect(semaphore.available == 0)
  }

  @Test func whoeverLeavesLetsOthersIn() async throws {
    let semaphore = TestSemaphore(1)
    let big = Task { try await semaphore.acquire(5) }
    try await eventually("the big one waits") { semaphore.requests == [5] }
    let small = Task { try await semaphore.acquire() }
    try await eventually("both wait") { semaphore.requests == [5, 1] }
    big.cancel()
    await #expect(throws: CancellationError.self) { try await big.value }
    #expect(try await small.value)
    #expect(semaphore.available == 0)
  }

  /// Threads and tasks stand in one line.
  @Test func threadsAndTasksAreAdmittedInOrderOfArrival() async throws {
    let room = WaitRoom(Numbers())
    let admitted = Guarded<[Int]>([])
    try await withThrowingTaskGroup { group in
      for number in 0..<8 {
        group.addTask {
          if number % 2 == 0 {
            let waiter = try #require(room.enter { _ in number })
            #expect(try await room.suspend(waiter, until: .never))
          } else {
            try await onThread {
              let waiter = try #require(room.enter { _ in number })
              #expect(try room.park(waiter, until: .never, fileID: #fileID, line: #line))
            }
          }
          admitted.withLock { $0.append(number) }
        }
        try await eventually("\(number) waits") { room.read { _, line in line.count } == number + 1 }
      }
      #expect(room.read { _, line in line.waiters.map(\.request) } == Array(0..<8))
      for number in 0..<8 {
        #expect(room.change { _, line in line.admitFirst() })
        try await eventually("\(number) goes on") { admitted.withLock { $0.count } == number + 1 }
      }
      try await group.waitForAll()
    }
    #expect(admitted.withLock { $0 } == Array(0..<8))
  }

  private struct Numbers: WaitRoomState { typealias Request = Int }

  /// With this executor a task goes on inside the call that resumes it: under a lock that would be the end of it.
  private final class InlineExecutor: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
      UnownedJob(job).runSynchronously(on: asUnownedTaskExecutor())
    }
  }

  @Test(.timeLimit(.minutes(10))) func aResumedTaskMayUseTheRoomAtOnce() async throws {
    let semaphore = TestSemaphore(0)
    let count = 5
    let ends = Guarded<[Bool?]>([])
    let tasks = (0..<count).map { number in
      Task(executorPreference: InlineExecutor()) {
        // The last one is not admitted but cancelled, and the one before it comes to its deadline.
        let deadline = number == count - 2 ? Deadline(timeout: .milliseconds(1)) : .never
        let end = try? await semaphore.acquire(until: deadline)
        #expect(semaphore.requests.count < count)
        ends.withLock { $0.append(end) }
        if end == true { semaphore.release() }
      }
    }
    try await eventually("the deadline has come") { ends.withLock { $0.contains(false) } }
    tasks[count - 1].cancel()
    await tasks[count - 1].value
    semaphore.release()
    for task in tasks { await task.value }
    #expect(ends.withLock { $0.count { $0 == true } } == count - 2)
  }

  /// A timer that was forgotten would keep the room for an hour.
  @Test func nothingIsLeftBehindAfterManyTimedWaits() async throws {
    weak var room: WaitRoom<Permits>?
    do {
      let semaphore = TestSemaphore(0)
      room = semaphore.room
      let waits = rounds(release: 2_000)
      try await withThrowingTaskGroup { group in
        for number in 0..<waits {
          group.addTask {
            let isLong = number % 2 == 0
            let deadline = Deadline(timeout: isLong ? .seconds(3600) : .microseconds(number % 500))
            if try await semaphore.acquire(until: deadline) { semaphore.release() }
          }
        }
        semaphore.release()
        try await group.waitForAll()
      }
      #expect(semaphore.requests == [])
      #expect(semaphore.available == 1)
    }
    // The timekeeper may be in a call still that has come too late.
    try await eventually("the room is gone") { room == nil }
  }
}
