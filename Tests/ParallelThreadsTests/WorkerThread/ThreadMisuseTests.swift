import Glibc
import ParallelCore
import ParallelThreads
import TestSupport
import Testing

@Suite struct ThreadMisuseTests {
  @Test func startingTwiceIsMisuse() async throws {
    let gate = try Gate()
    let thread = WorkerThread { gate.pass() }
    try thread.start()
    #expect(#expect(throws: ParallelError.self) { try thread.start() }?.code == .misuse)
    gate.open()
    try await thread.join()
    #expect(#expect(throws: ParallelError.self) { try thread.start() }?.code == .misuse)
    #expect(!thread.isAlive)
  }

  @Test func ofManyWhoStartItOneSucceeds() async throws {
    let runs = Guarded(0)
    let thread = WorkerThread { runs.withLock { $0 += 1 } }
    let codes = await withTaskGroup(of: ParallelError.Code?.self) { group in
      for _ in 0..<8 {
        group.addTask {
          do throws(ParallelError) {
            try thread.start()
            return nil
          } catch { return error.code }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    try await thread.join()
    #expect(codes.count { $0 == nil } == 1)
    #expect(codes.count { $0 == .misuse } == 7)
    #expect(runs.withLock { $0 } == 1)
  }

  @Test func joiningAnUnstartedThreadIsMisuse() async throws {
    let thread = WorkerThread { 1 }
    let error = await #expect(throws: ParallelError.self) { try await thread.join() }
    #expect(error?.code == .misuse)
    let blocking = await #expect(throws: ParallelError.self) {
      try await onThread { try thread.join(timeout: .zero) }
    }
    #expect(blocking?.code == .misuse)
    #expect(!thread.isAlive)
    #expect(thread.nativeID == nil)
    #expect(!ThreadHandle.all.contains(thread.handle))
  }

  @Test func aThreadThatIsEndedBehindOurBackIsMisuseToJoin() async {
    await #expect(processExitsWith: .success) {
      let local = ThreadLocal { Counted(alive) }
      let thread = try WorkerThread.start { () -> Int in
        local.withValue { $0.touch() }
        pthread_exit(nil)
      }
      do {
        _ = try await thread.join()
        fatalError("no error")
      } catch let error as ParallelError {
        precondition(error.code == .misuse)
      }
      precondition(alive.withLock { $0 } == 0)
      precondition(!thread.isAlive && !ThreadHandle.all.contains(thread.handle))
    }
  }

  @Test func joiningItselfIsMisuse() async throws {
    let own = Guarded<WorkerThread<ParallelError.Code?>?>(nil)
    let thread = WorkerThread { () -> ParallelError.Code? in
      let own = own.withLock { $0.take() }
      do {
        _ = try own?.join()
        return nil
      } catch { return (error as? ParallelError)?.code }
    }
    own.withLock { $0 = thread }
    try thread.start()
    #expect(try await thread.join() == .misuse)
  }
}

private let alive = Guarded(0)
