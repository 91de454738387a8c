import ParallelCore
import ParallelFutures
import TestSupport
import Testing

@Suite struct FutureBlockingTests {
  @Test func getReturnsWhatIsThere() async throws {
    try await onThread { () throws -> Void in
      #expect(try Future.succeeded(1).get(timeout: .zero) == 1)
      #expect(throws: Oops()) { try Future<Int>.failed(Oops()).get(timeout: .seconds(-1)) }
      #expect(Future.succeeded(1).wait(timeout: .zero))
      #expect(Future.succeeded(1).state == .succeeded)
      #expect(Future<Int>.failed(Oops()).state == .failed)
    }
  }

  @Test(arguments: [Duration.zero, .seconds(-5), .nanoseconds(1), .milliseconds(2)])
  func aTimeoutEndsTheWaitOnly(timeout: Duration) async throws {
    let promise = Promise<Int>()
    try await onThread { () throws -> Void in
      let error = #expect(throws: ParallelError.self) { try promise.future.get(timeout: timeout) }
      #expect(error?.code == .timedOut)
      #expect(throws: ParallelError.self) { try promise.future.result(timeout: timeout) }
      #expect(!promise.future.wait(timeout: timeout))
    }
    #expect(promise.future.state == .pending)
    try promise.succeed(3)
    #expect(try await onThread { try promise.future.get() } == 3)
  }

  @Test func sleepersWakeWithTheValue() async throws {
    let promise = Promise<String>()
    let future = promise.future
    async let first = onThread { try future.get() }
    async let second = onThread { try future.get(timeout: .seconds(1 << 62)) }
    async let third = onThread { future.wait() }
    await eventually { future.current.has(.sleepers) }
    try promise.succeed("ready")
    #expect(try await first == "ready")
    #expect(try await second == "ready")
    #expect(try await third)
  }

  @Test func sleepersWakeWithTheErrorItself() async throws {
    let promise = Promise<Int>()
    let future = promise.future
    async let waiter = onThread { try future.result() }
    await eventually { future.current.has(.sleepers) }
    try promise.fail(Oops(number: 7))
    let result = try await waiter
    #expect(throws: Oops(number: 7)) { try result.get() }
  }

  #if DEBUG
    @Test func blockingInsideATaskIsReported() async throws {
      let promise = Promise<Int>()
      func hidden() -> Bool { promise.future.wait(fileID: "FutureBlockingTests/hidden", line: 9) }
      async let completed = onThread {
        spin { promise.future.current.has(.sleepers) }
        return try promise.succeed(1)
      }
      #expect(hidden())
      #expect(try await completed)
      #expect(BlockingCheck.reportedSites.contains("FutureBlockingTests/hidden:9"))
    }
  #endif

  @Test func aWaitThatDoesNotParkIsNotReported() async {
    let promise = Promise<Int>()
    func hidden() {
      Future.succeeded(1).wait(fileID: "FutureBlockingTests/done", line: 9)
      promise.future.wait(timeout: .zero, fileID: "FutureBlockingTests/done", line: 9)
    }
    hidden()
    #expect(!BlockingCheck.reportedSites.contains("FutureBlockingTests/done:9"))
  }
}
