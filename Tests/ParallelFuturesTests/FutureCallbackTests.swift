import Glibc
import ParallelCore
import ParallelFutures
import TestSupport
import Testing

@Suite struct FutureCallbackTests {
  @Test func runInOrderOnceEach() async throws {
    let promise = Promise<Int>()
    let future = promise.future
    let order = Guarded<[Int]>([])
    for index in 0..<100 { future.onCompletion { _ in order.withLock { $0.append(index) } } }
    #expect(order.withLock { $0 }.isEmpty)
    try promise.succeed(1)
    for index in 100..<200 { future.onCompletion { _ in order.withLock { $0.append(index) } } }
    await drained(future)
    #expect(order.withLock { $0 } == Array(0..<200))
  }

  @Test func runAfterCompletionAndOnCancellation() async throws {
    let promise = Promise<Int>()
    let future = promise.future
    #expect(future.cancel())
    let result = await drained(future)
    #expect(throws: CancellationError.self) { try result.get() }
    #expect(try await drained(Future.succeeded(8)).get() == 8)
  }

  @Test func neverRunOnTheCompletingThread() async throws {
    let promise = Promise<Int>()
    let callbackThread = Guarded<pthread_t?>(nil)
    promise.future.onCompletion { _ in callbackThread.withLock { $0 = pthread_self() } }
    let completing = try await onThread {
      try promise.succeed(1)
      spin { callbackThread.withLock { $0 != nil } }
      return pthread_self()
    }
    #expect(callbackThread.withLock { $0 } != completing)
  }

  @Test func aBlockedCallbackDelaysItsOwnFutureOnly() async throws {
    let gate = Parker()
    let order = Guarded<[String]>([])
    let blocked = Future.succeeded(1)
    blocked.onCompletion { _ in
      _ = gate.park()
      order.withLock { $0.append("blocked") }
    }
    blocked.onCompletion { _ in order.withLock { $0.append("behind") } }
    for _ in 0..<10 { await drained(Future.succeeded(2)) }
    #expect(order.withLock { $0 }.isEmpty)
    gate.unpark()
    await drained(blocked)
    #expect(order.withLock { $0 } == ["blocked", "behind"])
  }

  @Test func mayAddFurtherCallbacksAndUseTheFuture() async throws {
    let future = Future.succeeded(3)
    let value = await withCheckedContinuation { continuation in
      future.onCompletion { _ in
        #expect(throws: Never.self) { try future.get() }
        future.onCompletion { continuation.resume(returning: $0) }
      }
    }
    #expect(try value.get() == 3)
  }
}

/// Waits until the callbacks added so far have run.
@discardableResult
func drained<T>(_ future: Future<T>) async -> Result<T, any Error> {
  await withCheckedContinuation { continuation in future.onCompletion { continuation.resume(returning: $0) } }
}
