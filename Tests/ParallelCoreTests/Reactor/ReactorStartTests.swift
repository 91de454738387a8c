import ParallelCore
import SystemPackage
import TestSupport
import Testing

@Suite struct ReactorStartTests {
  @Test func bodiesRunInTheOrderOfTheirThread() throws {
    let reactor = startedReactor()
    let ran = Guarded<[[Int]]>(Array(repeating: [], count: 4))
    let perThread = rounds(release: 100_000)
    try onThreads(4) { number in
      for index in 0..<perThread { reactor.perform { ran.withLock { $0[number].append(index) } } }
      let parker = Parker()
      reactor.perform { parker.unpark() }
      #expect(parker.park())
    }
    #expect(ran.withLock { $0 } == Array(repeating: Array(0..<perThread), count: 4))
  }

  @Test func aBodyMayAskForAnother() throws {
    let reactor = startedReactor()
    let parker = Parker()
    reactor.perform { reactor.perform { parker.unpark() } }
    #expect(parker.park())
  }

  @Test func allRunOnOneThread() throws {
    let reactor = startedReactor()
    let inside = Guarded(0)
    let most = Guarded(0)
    try onThreads(4) { _ in
      for _ in 0..<500 {
        let body: @Sendable () -> Void = {
          let now = inside.withLock { inside in
            inside += 1
            return inside
          }
          most.withLock { $0 = max($0, now) }
          inside.withLock { $0 -= 1 }
        }
        reactor.perform(body)
        _ = try reactor.schedule(at: .now, body)
      }
      let parker = Parker()
      reactor.perform { parker.unpark() }
      #expect(parker.park())
    }
    #expect(most.withLock { $0 } == 1)
  }

  @Test func whatIsAskedBeforeTheStartHappensAfterIt() throws {
    let reactor = Reactor()
    let ran = Guarded<[Int]>([])
    let parker = Parker()
    reactor.perform { ran.withLock { $0.append(1) } }
    reactor.perform {
      ran.withLock { $0.append(2) }
      parker.unpark()
    }
    #expect(ran.withLock { $0 } == [])
    try reactor.start()
    try reactor.start()
    #expect(parker.park())
    #expect(ran.withLock { $0 } == [1, 2])
  }

  #if DEBUG
    @Test(arguments: [SystemCalls.Name.createEpoll, .createEvent, .controlEpoll])
    func aStartThatFailedIsTriedAgain(call: SystemCalls.Name) throws {
      let reactor = Reactor()
      let parker = Parker()
      FaultInjection.inject(.tooManyOpenFiles, into: call, times: 3) {
        for attempt in 0..<3 {
          let error = #expect(throws: ParallelError.self) {
            switch attempt {
            case 0: try reactor.start()
            case 1: _ = try reactor.schedule(at: .now) { Issue.record("it ran") }
            default: _ = try reactor.register(.standardInput, for: []) { _ in Issue.record("it ran") }
            }
          }
          #expect(error?.code == .system)
          #expect(error?.underlying as? Errno == .tooManyOpenFiles)
        }
      }
      #expect(reactor.registrationCount == 0)
      try reactor.start()
      reactor.perform { parker.unpark() }
      #expect(parker.park())
    }

    @Test func startsThatFailLeaveNoDescriptors() throws {
      let reactor = Reactor()
      let before = OpenFiles.count(containing: "[eventpoll]")
      FaultInjection.inject(.tooManyOpenFiles, into: .createEvent, times: .max) {
        for _ in 0..<500 {
          #expect(throws: ParallelError.self) { try reactor.start() }
        }
      }
      // Other tests start a few of their own meanwhile.
      #expect(OpenFiles.count(containing: "[eventpoll]") < before + 100)
    }

    @Test func aRegistrationThatFailedLeavesNothing() throws {
      let reactor = Reactor()
      try reactor.start()
      let event = try SystemCalls.createEvent()
      defer { SystemCalls.close(event) }
      FaultInjection.inject(.noSpace, into: .controlEpoll) {
        let error = #expect(throws: ParallelError.self) {
          _ = try reactor.register(event, for: .readable) { _ in }
        }
        #expect(error?.underlying as? Errno == .noSpace)
      }
      #expect(reactor.registrationCount == 0)
      let registration = try reactor.register(event, for: .readable) { _ in }
      #expect(reactor.registrationCount == 1)
      registration.cancel()
    }
  #endif
}
