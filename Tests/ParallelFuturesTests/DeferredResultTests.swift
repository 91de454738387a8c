import ParallelCore
import ParallelFutures
import TestSupport
import Testing

@Suite struct DeferredResultTests {
  @Test func isEvaluatedOnceByTheFirstReader() async throws {
    let promise = Promise<Int>()
    let evaluations = Guarded(0)
    try promise.complete(deferring: {
      evaluations.withLock { $0 += 1 }
      return 9
    })
    let future = promise.future
    #expect(future.isDone && !future.isCancelled)
    try await onThread { #expect(future.wait()) }
    #expect(evaluations.withLock { $0 } == 0)
    #expect(future.state == .succeeded)
    #expect(evaluations.withLock { $0 } == 1)
    #expect(try await future.get() == 9)
    #expect(try await onThread { try future.get() } == 9)
    #expect(evaluations.withLock { $0 } == 1)
  }

  @Test func anErrorIsTheResultToo() async throws {
    let promise = Promise<Int>()
    try promise.complete(deferring: { throw Oops(number: 2) })
    await #expect(throws: Oops(number: 2)) { try await promise.future.get(timeout: .zero) }
    await #expect(throws: Oops(number: 2)) { try await promise.future.value }
    #expect(promise.future.state == .failed)
  }

  @Test func sleepersOneOfWhomEvaluates() async throws {
    let promise = Promise<Int>()
    let future = promise.future
    let sum = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<4 {
        group.addTask { try await onThread { try future.get() } }
        group.addTask { try await future.get() }
      }
      await eventually { future.current.has(.sleepers) && future.current.has(.observed) }
      let evaluations = Guarded(0)
      try promise.complete(deferring: {
        evaluations.withLock {
          $0 += 1; return $0
        }
      })
      return try await group.reduce(0, +)
    }
    #expect(sum == 8)
  }

  @Test func readersWaitForTheOneWhoEvaluates() async throws {
    let promise = Promise<Int>()
    let future = promise.future
    let entered = Parker()
    let released = Parker()
    try promise.complete(deferring: {
      entered.unpark()
      _ = released.park()
      return 4
    })
    async let evaluator = onThread { try future.get() }
    _ = try await onThread { entered.park() }
    async let other = onThread { try future.get(timeout: .zero) }
    await eventually { future.current.has(.sleepers) }
    #expect(!future.cancel())
    released.unpark()
    #expect(try await evaluator == 4)
    #expect(try await other == 4)
  }

  @Test func callbacksEvaluateOnTheirThread() async throws {
    let promise = Promise<Bool>()
    let seen = await withCheckedContinuation { continuation in
      promise.future.onCompletion { continuation.resume(returning: $0) }
      #expect(throws: Never.self) { try promise.complete(deferring: { BlockingCheck.threadMayBlock }) }
    }
    #expect(try seen.get())
  }

  @Test func theThunkIsReleased() async throws {
    weak var weakObject: Token?
    let promise = Promise<Int>()
    do {
      let object = Token()
      weakObject = object
      try promise.complete(deferring: { [object] in withExtendedLifetime(object) { 1 } })
    }
    #expect(weakObject != nil)
    #expect(try await promise.future.get() == 1)
    #expect(weakObject == nil)
  }
}

final class Token: Sendable {}
