import ParallelCore
import ParallelFutures
import TestSupport
import Testing

@Suite struct FutureCancellationTests {
  @Test(arguments: [false, true]) func cancellingWakesEverybody(running: Bool) async throws {
    let promise = Promise<Int>()
    let future = promise.future
    if running { #expect(promise.start()) }
    async let blocked = onThread { try future.result() }
    async let suspended = future.result()
    await eventually { future.current.has(.sleepers) && future.current.has(.observed) }
    #expect(future.cancel())
    #expect(future.cancel())
    for result in try await [blocked, suspended] {
      #expect(throws: CancellationError.self) { try result.get() }
    }
    #expect(future.isCancelled && future.isDone && future.state == .cancelled)
  }

  @Test func aResultCannotBeCancelled() throws {
    #expect(!Future.succeeded(1).cancel())
    #expect(!Future<Int>.failed(CancellationError()).cancel())
    let promise = Promise<Int>()
    try promise.complete(deferring: { 1 })
    #expect(!promise.future.cancel())
    #expect(!promise.future.isCancelled)
  }

  @Test(arguments: [false, true]) func theHookRunsOnceOnTheCancellingThread(running: Bool) throws {
    let promise = Promise<Int>()
    let calls = Guarded(0)
    try promise.onCancel { [future = promise.future] in
      #expect(future.isCancelled)
      #expect(future.cancel())
      calls.withLock { $0 += 1 }
    }
    if running { _ = promise.start() }
    #expect(calls.withLock { $0 } == 0)
    promise.future.cancel()
    #expect(calls.withLock { $0 } == 1)
    promise.future.cancel()
    #expect(calls.withLock { $0 } == 1)
  }

  @Test func aHookThatComesLateRunsAtOnce() throws {
    let promise = Promise<Int>()
    promise.future.cancel()
    let calls = Guarded(0)
    try promise.onCancel { calls.withLock { $0 += 1 } }
    #expect(calls.withLock { $0 } == 1)
  }

  @Test func aHookIsNotCalledForAResult() throws {
    let promise = Promise<Int>()
    try promise.onCancel { Issue.record("called without a cancellation") }
    try promise.succeed(1)
    promise.future.cancel()
    let late = Promise<Int>()
    try late.succeed(1)
    try late.onCancel { Issue.record("called without a cancellation") }
  }

  @Test func aSecondHookIsMisuse() throws {
    let promise = Promise<Int>()
    try promise.onCancel {}
    let error = #expect(throws: ParallelError.self) { try promise.onCancel {} }
    #expect(error?.code == .misuse)
  }
}
