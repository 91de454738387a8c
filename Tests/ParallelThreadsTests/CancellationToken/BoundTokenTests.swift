import ParallelCore
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct BoundTokenTests {
  @Test func bindingsNestAndAreUndone() async throws {
    let outer = CancellationToken(), inner = CancellationToken()
    try await onThread {
      #expect(CancellationToken.current == nil)
      let result = outer.bound {
        #expect(CancellationToken.current === outer)
        inner.bound {
          #expect(CancellationToken.current === inner)
          outer.bound { #expect(CancellationToken.current === outer) }
          #expect(CancellationToken.current === inner)
        }
        do { try inner.bound { throw Mishap() } } catch {}
        #expect(CancellationToken.current === outer)
        return 7
      }
      #expect(result == 7)
      #expect(CancellationToken.current == nil)
    }
  }

  @Test func aBindingBelongsToOneThread() async throws {
    let token = CancellationToken()
    try await onThread {
      try token.bound {
        try onOtherThread { #expect(CancellationToken.current == nil) }
      }
    }
  }

  /// The innermost binding counts; the outer one counts too if it is the parent.
  @Test func theInnermostTokenEndsTheWait() async throws {
    let outer = CancellationToken(), inner = CancellationToken(), event = Event()
    async let wait = onThread {
      try outer.bound {
        let isOver = try inner.bound { try isCancelled { try event.wait() } }
        // From here on the outer one counts again, which is cancelled by now.
        return (isOver, try isCancelled { try event.wait() })
      }
    }
    try await event.room.hasInLine(1)
    outer.cancel()
    #expect(event.room.read { $1.count } == 1)
    inner.cancel()
    #expect(try await wait == (true, true))

    let root = CancellationToken()
    async let child = onThread {
      try root.bound { try CancellationToken(parent: root).bound { try isCancelled { try event.wait() } } }
    }
    try await event.room.hasInLine(1)
    root.cancel()
    #expect(try await child)
  }

  @Test func aTimeLimitEndsTheWait() async throws {
    let semaphore = Semaphore(permits: 0)
    for timeout in [Duration.milliseconds(10), .zero] {
      let deadline = Deadline(timeout: timeout)
      let isOver = try await onThread {
        try CancellationToken(timeout: timeout).bound { try isCancelled { try semaphore.acquire() } }
      }
      #expect(isOver)
      #expect(deadline.hasPassed)
    }
  }

  /// Whoever gets the thread's token and keeps it has the token itself, with its parent and its limit.
  @Test func theCurrentTokenKeepsItsParentAndItsLimit() async throws {
    let parent = CancellationToken()
    let child = try await onThread {
      CancellationToken(parent: parent).bound { CancellationToken(parent: CancellationToken.current) }
    }
    #expect(!child.isCancelled)
    parent.cancel()
    #expect(child.isCancelled)
    let limited = try await onThread {
      CancellationToken(timeout: .milliseconds(10)).bound {
        CancellationToken(parent: CancellationToken.current)
      }
    }
    try await eventually("cancelled") { limited.source.isCancelled }
  }

  /// Other parts of the package may bind a thread to a source that has no token.
  @Test func aBoundSourceIsSeenAsAToken() async throws {
    let source = CancellationSource()
    let outer = CancellationToken()
    try await onThread {
      outer.bound {
        source.bound {
          #expect(CancellationToken.current?.source === source)
          #expect(CancellationToken.current !== outer)
        }
        #expect(CancellationToken.current === outer)
      }
    }
  }
}
