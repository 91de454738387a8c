import ParallelCore
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct CancellationTokenWaitTests {
  @Test func aCancellationEndsTheWaitsOfThreadsAndTasks() async throws {
    let token = CancellationToken()
    async let thread = onThread { try token.wait() }
    async let task = token.wait(timeout: .seconds(600))
    try await eventually("both wait") { token.source.observerCount == 2 }
    token.cancel()
    #expect(try await thread)
    #expect(try await task)
    #expect(try await token.wait())
    #expect(try await onThread { try token.wait(timeout: .zero) })
  }

  @Test(arguments: [Duration.zero, .seconds(-1), .nanoseconds(1), .milliseconds(20)])
  func givesUpAtItsDeadline(timeout: Duration) async throws {
    let token = CancellationToken()
    let deadline = Deadline(timeout: timeout)
    #expect(try await !token.wait(timeout: timeout))
    #expect(deadline.hasPassed)
    #expect(try await onThread { try !token.wait(timeout: timeout) })
  }

  @Test func aThreadBoundToTheTokenWaitsForItToo() async throws {
    for _ in 0..<rounds(release: 1_000) {
      let token = CancellationToken()
      async let wait = onThread { try token.bound { try token.wait() } }
      try await eventually("it waits") { token.source.observerCount == 2 }
      token.cancel()
      #expect(try await wait)
    }
    let cancelled = CancellationToken()
    cancelled.cancel()
    #expect(try await onThread { try cancelled.bound { try cancelled.wait(timeout: .zero) } })
  }

  @Test func anotherTokenOfTheThreadEndsTheWaitWithAnError() async throws {
    let token = CancellationToken(), own = CancellationToken()
    async let wait = onThread { try own.bound { try isCancelled { try token.wait() } } }
    try await eventually("it waits") { token.source.observerCount == 1 && own.source.observerCount == 1 }
    own.cancel()
    #expect(try await wait)
    #expect(!token.isCancelled)
    #expect(token.source.observerCount == 0)
  }

  @Test func theTasksOwnCancellationEndsTheWaitWithAnError() async throws {
    let token = CancellationToken()
    let task = Task { try await isCancelled { try await token.wait() } }
    try await eventually("it waits") { token.source.observerCount == 1 }
    task.cancel()
    #expect(try await task.value)
    #expect(!token.isCancelled)
    #expect(token.source.observerCount == 0)
  }

  @Test func aTokensOwnLimitEndsTheWaitForIt() async throws {
    #expect(try await CancellationToken(timeout: .milliseconds(10)).wait())
    #expect(try await onThread { try CancellationToken(timeout: .milliseconds(10)).wait() })
    #expect(try await CancellationToken(timeout: .zero).wait(timeout: .zero))
  }
}
