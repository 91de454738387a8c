import ParallelCore
import TestSupport
import Testing

@Suite struct CancellationSourceTests {
  @Test func isCancelledOnce() {
    let source = CancellationSource()
    #expect(!source.isCancelled)
    #expect(source.cancel())
    #expect(source.isCancelled)
    #expect(!source.cancel())
    #expect(source.isCancelled)
  }

  @Test func tellsAllObserversOnceInOrder() {
    let source = CancellationSource()
    let told = Guarded<[Int]>([])
    for number in 0..<20 {
      #expect(source.observe { told.withLock { $0.append(number) } } != nil)
    }
    #expect(told.withLock { $0 } == [])
    source.cancel()
    #expect(told.withLock { $0 } == Array(0..<20))
    source.cancel()
    #expect(told.withLock { $0.count } == 20)
  }

  @Test func whoComesTooLateIsNotTaken() {
    let source = CancellationSource()
    source.cancel()
    let calls = Guarded(0)
    #expect(source.observe { calls.withLock { $0 += 1 } } == nil)
    #expect(calls.withLock { $0 } == 0)
  }

  @Test func whoIsForgottenIsNotTold() throws {
    let source = CancellationSource()
    let told = Guarded<[Int]>([])
    let observations = try (0..<3).map { number in
      try #require(source.observe { told.withLock { $0.append(number) } })
    }
    source.forget(observations[1])
    source.forget(observations[1])
    source.cancel()
    #expect(told.withLock { $0 } == [0, 2])
    source.forget(observations[0])
  }

  @Test func letsGoOfObserversThatWereForgottenOrTold() throws {
    final class Token: Sendable {}
    let source = CancellationSource()
    weak var forgotten: Token?
    weak var told: Token?
    do {
      let (first, second) = (Token(), Token())
      (forgotten, told) = (first, second)
      let observation = try #require(source.observe { withExtendedLifetime(first) {} })
      _ = source.observe { withExtendedLifetime(second) {} }
      source.forget(observation)
    }
    #expect(forgotten == nil)
    #expect(told != nil)
    source.cancel()
    #expect(told == nil)
  }

  /// Observers run without a lock: they may use the source.
  @Test func anObserverMayUseTheSource() throws {
    let source = CancellationSource()
    let seen = Guarded<[Bool]>([])
    let other = try #require(source.observe {})
    _ = source.observe {
      source.forget(other)
      let late = source.observe {}
      let isFirst = source.cancel()
      seen.withLock { $0 = [source.isCancelled, late == nil, isFirst] }
    }
    source.cancel()
    #expect(seen.withLock { $0 } == [true, true, false])
  }

  @Test func isBoundToAThreadForTheTimeOfACall() async throws {
    struct Oops: Error {}
    try await onThread {
      let (outer, inner) = (CancellationSource(), CancellationSource())
      #expect(CancellationSource.current == nil)
      outer.bound {
        #expect(CancellationSource.current === outer)
        inner.bound { #expect(CancellationSource.current === inner) }
        #expect(CancellationSource.current === outer)
        #expect(throws: Oops.self) { try inner.bound { throw Oops() } }
        #expect(CancellationSource.current === outer)
      }
      #expect(CancellationSource.current == nil)
    }
  }

  @Test func eachThreadHasItsOwn() throws {
    try onThreads(4) { _ in
      #expect(CancellationSource.current == nil)
      let source = CancellationSource()
      source.bound {
        for _ in 0..<100 { #expect(CancellationSource.current === source) }
      }
    }
  }

  /// Each observer is told, or was forgotten, or came too late; one that was forgotten may be told at the same moment.
  @Test func nobodyIsToldTwiceOrMissedInARace() throws {
    for _ in 0..<rounds(release: 4_000) {
      try race(CancellationSource())
    }
  }

  private func race(_ source: CancellationSource) throws {
    let calls = (0..<8).map { _ in Guarded(0) }
    let accepted = Guarded<[Int]>([])
    let wishes = Guarded(0)
    let threads = try (0..<4).map { number in
      try NativeThread.start(name: "racer") {
        if number < 2 {
          for index in [number * 4, number * 4 + 1, number * 4 + 2, number * 4 + 3] {
            let observation = source.observe { calls[index].withLock { $0 += 1 } }
            guard let observation else { continue }
            if index % 2 == 0 { accepted.withLock { $0.append(index) } } else { source.forget(observation) }
          }
        } else if source.cancel() {
          wishes.withLock { $0 += 1 }
        }
      }
    }
    for thread in threads { thread.join() }
    #expect(wishes.withLock { $0 } == 1)
    for (index, count) in calls.enumerated() {
      let count = count.withLock { $0 }
      let isAccepted = accepted.withLock { $0.contains(index) }
      if isAccepted { #expect(count == 1) } else { #expect(count <= index % 2) }
    }
  }
}
