import ParallelCore
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct CancellationTokenTests {
  @Test func isCancelledOnceAndForGood() throws {
    let token = CancellationToken()
    #expect(!token.isCancelled)
    try token.checkCancellation()
    token.cancel()
    token.cancel()
    #expect(token.isCancelled)
    #expect(throws: CancellationError.self) { try token.checkCancellation() }
  }

  @Test func aParentCancelsItsChildrenAndNotTheOtherWay() {
    let root = CancellationToken()
    let middle = CancellationToken(parent: root)
    let leaf = CancellationToken(parent: middle), sibling = CancellationToken(parent: middle)
    leaf.cancel()
    #expect([root, middle, leaf, sibling].map(\.isCancelled) == [false, false, true, false])
    root.cancel()
    #expect([root, middle, leaf, sibling].map(\.isCancelled) == [true, true, true, true])
    #expect(CancellationToken(parent: root).isCancelled)
  }

  /// A token in the middle that nobody holds any more passes on what it hears.
  @Test func aChainHoldsWithoutItsMiddle() {
    let root = CancellationToken()
    let leaf = CancellationToken(parent: CancellationToken(parent: root))
    root.cancel()
    #expect(leaf.source.isCancelled)
  }

  @Test func aThousandChildrenAreCancelledWithTheirParent() {
    let parent = CancellationToken()
    let children = (0..<1_000).map { _ in CancellationToken(parent: parent) }
    #expect(parent.source.observerCount == 1_000)
    parent.cancel()
    #expect(children.allSatisfy { $0.source.isCancelled })
    #expect(parent.source.observerCount == 0)
  }

  @Test(arguments: [Duration.zero, .seconds(-1)]) func withoutTimeItIsCancelledAtOnce(timeout: Duration) {
    let token = CancellationToken(timeout: timeout)
    #expect(token.source.isCancelled)
    #expect(CancellationToken(parent: token).source.isCancelled)
  }

  @Test func isCancelledAtItsLimitAndNotBefore() async throws {
    let deadline = Deadline(timeout: .milliseconds(20))
    let token = CancellationToken(timeout: .milliseconds(20))
    let child = CancellationToken(parent: token)
    // By itself: nobody asks.
    try await eventually("cancelled") { child.source.isCancelled }
    #expect(deadline.hasPassed)
    #expect(token.isCancelled)
  }

  @Test func aLongLimitIsNotNoticed() {
    #expect(!CancellationToken(timeout: .seconds(600)).isCancelled)
    #expect(!CancellationToken(timeout: .seconds(Int64.max)).isCancelled)
  }

  @Test func cancellingManyTimesAtOnceTellsOnce() throws {
    for _ in 0..<rounds(release: 1_000) {
      let token = CancellationToken()
      let told = Guarded(0)
      _ = token.source.observe { told.withLock { $0 += 1 } }
      try onThreads(4) { _ in token.cancel() }
      #expect(told.withLock { $0 } == 1)
    }
  }
}

/// Nothing else may make timers meanwhile.
@Suite struct CancellationTokenLeakTests {
  @Test func aTokenLetGoOfEarlyLeavesNothing() async throws {
    await #expect(processExitsWith: .success) {
      let before = Timekeeper.shared.timerCount
      let parent = CancellationToken()
      for _ in 0..<1_000 {
        let token = CancellationToken(parent: parent, timeout: .seconds(600))
        #expect(Timekeeper.shared.timerCount == before + 1)
        #expect(parent.source.observerCount == 1)
        #expect(!token.isCancelled)
      }
      #expect(Timekeeper.shared.timerCount == before)
      #expect(parent.source.observerCount == 0)
    }
  }

  @Test func waitsLeaveNoObservers() async throws {
    let token = CancellationToken(), event = Event()
    try await onThread {
      for _ in 0..<100 {
        _ = try token.bound { try event.wait(timeout: .microseconds(100)) }
        _ = try token.wait(timeout: .microseconds(100))
      }
    }
    for _ in 0..<100 { _ = try await token.wait(timeout: .microseconds(100)) }
    #expect(token.source.observerCount == 0)
  }

  @Test func aChildDoesNotKeepItsParentsTokenAliveAfterItsOwnEnd() {
    weak var weakParent: CancellationToken?
    do {
      let parent = CancellationToken()
      weakParent = parent
      var child: CancellationToken? = CancellationToken(parent: parent)
      #expect(child?.isCancelled == false)
      child = nil
    }
    #expect(weakParent == nil)
  }
}
