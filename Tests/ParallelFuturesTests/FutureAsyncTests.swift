import ParallelFutures
import TestSupport
import Testing

@Suite struct FutureAsyncTests {
  @Test func getReturnsWhatIsThere() async throws {
    #expect(try await Future.succeeded(1).get(timeout: .zero) == 1)
    #expect(try await Future.succeeded(1).value == 1)
    await #expect(throws: Oops()) { try await Future<Int>.failed(Oops()).get() }
    await #expect(throws: Oops()) { try await Future<Int>.failed(Oops()).value }
    #expect(try await Future<Int>.failed(Oops()).wait(timeout: .seconds(-1)))
  }

  @Test(arguments: [Duration.zero, .seconds(-5), .nanoseconds(1), .milliseconds(2)])
  func aTimeoutEndsTheWaitOnly(timeout: Duration) async throws {
    let promise = Promise<Int>()
    let error = await #expect(throws: ParallelError.self) { try await promise.future.get(timeout: timeout) }
    #expect(error?.code == .timedOut)
    #expect(try await !promise.future.wait(timeout: timeout))
    #expect(promise.future.state == .pending)
    async let value = promise.future.get(timeout: .seconds(1 << 62))
    await eventually { promise.future.current.has(.observed) }
    try promise.succeed(3)
    #expect(try await value == 3)
  }

  @Test func bothDoorsOpenAtOnce() async throws {
    let promise = Promise<Int>()
    let future = promise.future
    let sum = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask { try await future.get() }
        group.addTask { try await future.value }
        group.addTask { try await onThread { try future.get() } }
      }
      await eventually { future.current.has(.observed) }
      try promise.succeed(1)
      return try await group.reduce(0, +)
    }
    #expect(sum == 24)
  }

  @Test func cancellingAWaitingTaskLeavesTheFuture() async throws {
    let promise = Promise<Int>()
    let waiter = Task { try await promise.future.get(timeout: .seconds(3600)) }
    await eventually { promise.future.current.has(.observed) }
    waiter.cancel()
    await #expect(throws: CancellationError.self) { try await waiter.value }
    #expect(promise.future.state == .pending)
    #expect(try promise.succeed(1))
  }

  @Test func aCancelledTaskWaitsForNothingButTakesWhatIsThere() async throws {
    let promise = Promise<Int>()
    let waiter = Task { () async throws -> Void in
      withUnsafeCurrentTask { $0?.cancel() }
      await #expect(throws: CancellationError.self) { try await promise.future.get() }
      await #expect(throws: CancellationError.self) { try await promise.future.wait(timeout: .zero) }
      #expect(try await Future.succeeded(2).get() == 2)
      #expect(try await Future.succeeded(2).value == 2)
    }
    try await waiter.value
    #expect(promise.future.state == .pending)
  }

  @Test func cancellingTheReaderOfValueCancelsTheFuture() async throws {
    let promise = Promise<Int>()
    let waiter = Task { try await promise.future.value }
    await eventually { promise.future.current.has(.observed) }
    waiter.cancel()
    await #expect(throws: CancellationError.self) { try await waiter.value }
    #expect(promise.future.state == .cancelled)
    #expect(try !promise.succeed(1))
  }

  @Test func aCancelledReaderOfValueCancelsTheFutureAtOnce() async throws {
    let promise = Promise<Int>()
    let waiter = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await promise.future.value
    }
    await #expect(throws: CancellationError.self) { try await waiter.value }
    #expect(promise.future.isCancelled)
  }
}
