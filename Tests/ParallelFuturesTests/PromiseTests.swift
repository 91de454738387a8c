import ParallelCore
import ParallelFutures
import TestSupport
import Testing

@Suite struct PromiseTests {
  @Test func aFutureGoesThroughItsStates() throws {
    let promise = Promise<Int>()
    #expect(promise.future.state == .pending)
    #expect(!promise.future.isDone)
    #expect(promise.start())
    #expect(promise.future.state == .running)
    #expect(!promise.start())
    #expect(try promise.succeed(1))
    #expect(promise.future.state == .succeeded)
    #expect(promise.future.isDone)
    #expect(!promise.start())
  }

  @Test func aSecondResultIsMisuse() throws {
    let promise = Promise<Int>()
    try promise.complete(with: .success(1))
    for attempt: @Sendable () throws -> Bool in [
      { try promise.succeed(2) }, { try promise.fail(Oops()) },
      { try promise.complete(with: .failure(Oops())) }, { try promise.complete(deferring: { 3 }) },
    ] {
      let error = #expect(throws: ParallelError.self) { try attempt() }
      #expect(error?.code == .misuse)
    }
    #expect(promise.future.state == .succeeded)
  }

  @Test func aResultAfterCancellationIsDropped() throws {
    let promise = Promise<Void>()
    #expect(promise.future.cancel())
    #expect(try !promise.succeed())
    #expect(try !promise.fail(Oops()))
    #expect(try !promise.complete(deferring: { Issue.record("evaluated in vain") }))
    #expect(!promise.start())
    #expect(promise.future.state == .cancelled)
  }

  @Test func aDroppedPromiseFailsItsFuture() async throws {
    var promise: Promise<Int>? = Promise()
    let future = try #require(promise?.future)
    async let blocked = onThread { try future.result() }
    async let suspended = future.result()
    await eventually { future.current.has(.sleepers) && future.current.has(.observed) }
    promise = nil
    for result in try await [blocked, suspended] {
      let error = #expect(throws: ParallelError.self) { try result.get() }
      #expect(error?.code == .misuse)
    }
    #expect(future.state == .failed)
  }

  @Test func aFulfilledPromiseMayBeDropped() async throws {
    let future = { () -> Future<Int> in
      let promise = Promise<Int>()
      #expect(throws: Never.self) { try promise.succeed(5) }
      return promise.future
    }()
    #expect(try await future.get() == 5)
  }
}
