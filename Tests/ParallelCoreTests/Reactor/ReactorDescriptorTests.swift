import Glibc
import ParallelCore
import SystemPackage
import TestSupport
import Testing

@Suite struct ReactorDescriptorTests {
  private let reactor = startedReactor()

  /// Returns when everything that was asked of the reactor so far was done, and what was ready was handled once more.
  private func settle() {
    for _ in 0..<2 {
      let parker = Parker()
      reactor.perform { parker.unpark() }
      #expect(parker.park())
    }
  }

  @Test func tellsWhatADescriptorIsReadyFor() throws {
    let (left, right) = try SystemCalls.socketPair()
    let seen = Guarded<SystemCalls.Readiness>([])
    let parker = Parker()
    let registration = try reactor.register(left, for: .readable) { readiness in
      seen.withLock { $0 = readiness }
      parker.unpark()
    }
    _ = try send([1], over: right)
    #expect(parker.park())
    #expect(seen.withLock { $0 } == .readable)
    _ = try receive(1, from: left)
    registration.change(to: .writable)
    #expect(parker.park())
    while seen.withLock({ $0 }) != .writable {}
    registration.change(to: [])
    SystemCalls.close(right)
    // Always reported, asked for or not.
    while !seen.withLock({ $0 }).contains(.hungUp) {}
    registration.cancel()
    SystemCalls.close(left)
    #expect(reactor.registrationCount == 0)
  }

  @Test func callsAgainAsLongAsThereIsSomething() throws {
    let event = try SystemCalls.createEvent()
    defer { SystemCalls.close(event) }
    let calls = Guarded(0)
    let parker = Parker()
    let registration = try reactor.register(event, for: .readable) { _ in
      let count = calls.withLock { calls in
        calls += 1
        return calls
      }
      guard count == 10 else { return }
      SystemCalls.silence(event)
      parker.unpark()
    }
    SystemCalls.ring(event)
    #expect(parker.park())
    settle()
    #expect(calls.withLock { $0 } == 10)
    registration.cancel()
    settle()
  }

  @Test func waitsForWhatItWasLastToldTo() throws {
    let event = try SystemCalls.createEvent()
    defer { SystemCalls.close(event) }
    let calls = Guarded(0)
    let registration = try reactor.register(event, for: []) { _ in
      calls.withLock { $0 += 1 }
      SystemCalls.silence(event)
    }
    SystemCalls.ring(event)
    settle()
    #expect(calls.withLock { $0 } == 0)
    registration.change(to: .readable)
    while calls.withLock({ $0 }) == 0 {}
    registration.change(to: [])
    settle()
    SystemCalls.ring(event)
    settle()
    #expect(calls.withLock { $0 } == 1)
    registration.cancel()
    // Too late, and no trap.
    registration.change(to: .readable)
    settle()
    #expect(calls.withLock { $0 } == 1)
  }

  @Test func aHandlerMayCancelItself() throws {
    let event = try SystemCalls.createEvent()
    defer { SystemCalls.close(event) }
    let calls = Guarded(0)
    let own = Guarded<Registration?>(nil)
    let registration = try reactor.register(event, for: .readable) { _ in
      calls.withLock { $0 += 1 }
      own.withLock { $0.take() }?.cancel()
    }
    own.withLock { $0 = registration }
    SystemCalls.ring(event)
    while reactor.registrationCount > 0 {}
    settle()
    #expect(calls.withLock { $0 } == 1)
    registration.cancel()
  }

  /// All become ready in one wait of the reactor's; the first handler takes the others' registrations away.
  @Test func aHandlerThatWasCancelledByAnotherOfTheSameBatchIsNotCalled() throws {
    let events = try (0..<20).map { _ in try SystemCalls.createEvent() }
    defer { events.forEach(SystemCalls.close) }
    let calls = Guarded(0)
    let registrations = Guarded<[Registration]>([])
    let parker = Parker()
    for event in events {
      let registration = try reactor.register(event, for: .readable) { _ in
        calls.withLock { $0 += 1 }
        registrations.withLock { $0 }.forEach { $0.cancel() }
        parker.unpark()
      }
      registrations.withLock { $0.append(registration) }
    }
    reactor.perform { events.forEach(SystemCalls.ring) }
    #expect(parker.park())
    settle()
    #expect(calls.withLock { $0 } == 1)
    #expect(reactor.registrationCount == 0)
  }

  @Test func afterACancelFromAnotherThreadNoCallBegins() throws {
    let event = try SystemCalls.createEvent()
    defer { SystemCalls.close(event) }
    for _ in 0..<rounds(release: 4_000) {
      let calls = Guarded(0)
      let registration = try reactor.register(event, for: .readable) { _ in calls.withLock { $0 += 1 } }
      SystemCalls.ring(event)
      while calls.withLock({ $0 }) == 0 {}
      registration.cancel()
      registration.cancel()
      settle()
      let count = calls.withLock { $0 }
      settle()
      #expect(calls.withLock { $0 } == count)
    }
    #expect(reactor.registrationCount == 0)
  }

  @Test func waitsForThousands() throws {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let count = min(5_000, Int(limit.rlim_cur) / 3)
    let events = try (0..<count).map { _ in try SystemCalls.createEvent() }
    defer { events.forEach(SystemCalls.close) }
    let called = Guarded<Set<Int>>([])
    let registrations = try events.enumerated().map { index, event in
      try reactor.register(event, for: .readable) { _ in
        SystemCalls.silence(event)
        called.withLock { _ = $0.insert(index) }
      }
    }
    #expect(reactor.registrationCount == count)
    for pass in 0..<3 {
      called.withLock { $0 = [] }
      for index in stride(from: pass % 2, to: count, by: pass + 1) { SystemCalls.ring(events[index]) }
      let expected = stride(from: pass % 2, to: count, by: pass + 1).count { _ in true }
      while called.withLock({ $0.count }) < expected { sched_yield() }
      #expect(called.withLock { $0 } == Set(stride(from: pass % 2, to: count, by: pass + 1)))
    }
    for registration in registrations { registration.cancel() }
    #expect(reactor.registrationCount == 0)
    events.forEach(SystemCalls.ring)
    called.withLock { $0 = [] }
    settle()
    #expect(called.withLock { $0 } == [])
  }

  @Test func whatCannotBeWaitedForIsAnErrorAndLeavesNoRegistration() throws {
    func expectError(_ descriptor: FileDescriptor, _ errno: Errno) {
      let error = #expect(throws: ParallelError.self) {
        _ = try reactor.register(descriptor, for: .readable) { _ in Issue.record("it was called") }
      }
      #expect(error?.code == .system)
      #expect(error?.underlying as? Errno == errno)
    }
    expectError(FileDescriptor(rawValue: -1), .badFileDescriptor)
    let file = try FileDescriptor.open("/etc/passwd", .readOnly)
    defer { SystemCalls.close(file) }
    expectError(file, .notPermitted)
    #expect(reactor.registrationCount == 0)

    let event = try SystemCalls.createEvent()
    defer { SystemCalls.close(event) }
    let parker = Parker()
    let registration = try reactor.register(event, for: .readable) { _ in
      SystemCalls.silence(event)
      parker.unpark()
    }
    expectError(event, .fileExists)
    #expect(reactor.registrationCount == 1)
    SystemCalls.ring(event)
    #expect(parker.park())
    registration.cancel()
  }

  @Test func registersAndCancelsFromManyThreads() throws {
    let turns = rounds(release: 20_000)
    let seed = SeededRandom(for: "ReactorDescriptorTests").seed
    try onThreads(4) { [reactor] number in
      var random = SeededRandom(seed: seed &+ UInt64(number))
      let event = try SystemCalls.createEvent()
      defer { SystemCalls.close(event) }
      for turn in 0..<turns {
        let parker = Parker()
        let mayRun = Guarded(true)
        let registration = try reactor.register(event, for: .readable) { _ in
          SystemCalls.silence(event)
          #expect(mayRun.withLock { $0 }, "turn \(turn) of seed \(seed), thread \(number)")
          parker.unpark()
        }
        if Bool.random(using: &random) {
          SystemCalls.ring(event)
          #expect(parker.park())
        }
        registration.cancel()
        // A call may still be under way; what comes after it is another turn's.
        let settled = Parker()
        reactor.perform { settled.unpark() }
        #expect(settled.park())
        mayRun.withLock { $0 = false }
      }
    }
    #expect(reactor.registrationCount == 0)
  }
}
