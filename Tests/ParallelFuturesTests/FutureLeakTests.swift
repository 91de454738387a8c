import ParallelCore
import ParallelFutures
import TestSupport
import Testing

/// Nothing keeps a future, its promise, or what users gave them alive longer than needed.
@Suite struct FutureLeakTests {
  @Test func anUnusedPairGoesAtOnce() {
    weak var promise: Promise<Int>?
    weak var future: Future<Int>?
    do {
      let owner = Promise<Int>()
      promise = owner
      future = owner.future
    }
    #expect(promise == nil && future == nil)
  }

  @Test func aHookThatHoldsThePromiseIsLetGoAtTheEnd() throws {
    for ending: (Promise<Int>) throws -> Void in [
      { try $0.succeed(1) }, { try $0.fail(Oops()) }, { try $0.complete(deferring: { 1 }) },
      { $0.future.cancel() },
    ] {
      weak var promise: Promise<Int>?
      do {
        let owner = Promise<Int>()
        promise = owner
        try owner.onCancel { [owner] in _ = owner.future.isDone }
        try ending(owner)
      }
      #expect(promise == nil)
    }
  }

  @Test func theValueGoesWithTheFuture() async throws {
    weak var token: Token?
    do {
      let promise = Promise<Token>()
      let value = Token()
      token = value
      async let blocked = onThread { try promise.future.get() }
      async let suspended = promise.future.get()
      try promise.succeed(value)
      #expect(try await blocked === value)
      #expect(try await suspended === value)
    }
    // The helping thread may still be on its way out of its closure.
    await eventually { token == nil }
  }

  @Test func callbacksAreLetGoAfterTheirCall() async throws {
    weak var token: Token?
    let future = Future.succeeded(1)
    do {
      let captured = Token()
      token = captured
      future.onCompletion { [captured] _ in withExtendedLifetime(captured) {} }
    }
    await drained(future)
    await eventually { token == nil }
  }

  @Test func aCancelledWaitIsLetGo() async throws {
    weak var weakFuture: Future<Int>?
    do {
      let promise = Promise<Int>()
      let future = promise.future
      weakFuture = future
      let waiter = Task { try await future.get(timeout: .seconds(3600)) }
      await eventually { future.current.has(.observed) }
      waiter.cancel()
      _ = await waiter.result
    }
    await eventually { weakFuture == nil }
  }
}
