import Glibc
import ParallelCore
import ParallelThreads
import TestSupport
import Testing

// In processes of their own: there is one hook, and other tests' threads fail too.
@Suite struct UncaughtThreadErrorTests {
  @Test func theHookIsToldOnceOnTheThreadBeforeAnybodyWhoJoins() async {
    await #expect(processExitsWith: .success) {
      let calls = Guarded<[String]>([])
      UncaughtThreadError.hook = { error, thread in
        precondition(thread == ThreadHandle.current && thread.isAlive)
        precondition(ThreadHandle.all.contains(thread))
        calls.withLock { $0.append("\(thread.name) \(error)") }
      }
      for number in 1...20 {
        let thread = try WorkerThread.start(name: "t\(number)") { throw Oops() }
        do {
          try await thread.join()
          fatalError("no error")
        } catch is Oops {}
        precondition(calls.withLock { $0 } == (1...number).map { "t\($0) Oops()" })
      }
    }
  }

  @Test func threadsThatNobodyJoinsTellTheHookToo() async {
    await #expect(processExitsWith: .success) {
      let gate = try Gate()
      UncaughtThreadError.hook = { error, thread in
        precondition(error is Oops && thread.name == "new" && thread.isDaemon)
        gate.open()
      }
      try startNewThread(name: "new") { throw Oops() }
      try await gate.opened()
    }
  }

  @Test func aThreadThatEndsOnRequestIsSilent() async {
    await #expect(processExitsWith: .success) {
      UncaughtThreadError.hook = { error, _ in fatalError("\(error)") }
      let thread = try WorkerThread.start { throw CancellationError() }
      do { try await thread.join() } catch is CancellationError {}
    }
  }

  @Test func withoutAHookOneLineIsWritten() async throws {
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      let thread = try WorkerThread.start(name: "two\nlines") { throw Talkative() }
      _ = try? await thread.join()
    }
    #expect(
      try #require(result).lines.contains(
        "error: the thread 'two lines' ended with Talkative: first second"))
  }

  @Test func aHookThatThrowsLeavesALineAndTheProcessGoesOn() async throws {
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      UncaughtThreadError.hook = { _, _ in throw Talkative() }
      let thread = try WorkerThread.start(name: "bad") { throw Oops() }
      do {
        try await thread.join()
        fatalError("no error")
      } catch is Oops {}
    }
    #expect(
      try #require(result).lines.contains(
        """
        error: the hook for uncaught errors threw Talkative: first second; \
        the thread 'bad' had ended with Oops: Oops()
        """))
  }

  @Test func theHookCanBeChangedAndPutBack() async {
    await #expect(processExitsWith: .success) {
      weak var weakObject: Payload?
      do {
        let object = Payload()
        weakObject = object
        UncaughtThreadError.hook = { [object] _, _ in object.touch() }
      }
      precondition(weakObject != nil)
      UncaughtThreadError.hook = UncaughtThreadError.defaultHook
      precondition(weakObject == nil)
    }
  }

  @Test func theHookMayUseThreadLocalsAndIsNotCancelledWithTheThread() async {
    await #expect(processExitsWith: .success) {
      let local = ThreadLocal { 0 }
      let other = try WorkerThread.start { 5 }
      UncaughtThreadError.hook = { _, thread in
        thread.cancel()
        precondition(local.value == 9)
        // Makes it likely that the join waits, which must not throw; nothing depends on it.
        let gate = try WorkerThread.start { usleep(1000) }
        try gate.join()
        try other.join()
      }
      let thread = try WorkerThread.start {
        local.value = 9
        throw Oops()
      }
      do { try await thread.join() } catch is Oops {}
    }
  }
}

private struct Talkative: Error, CustomStringConvertible {
  var description: String { "first\nsecond" }
}

extension ExitTest.Result {
  fileprivate var lines: [String] {
    String(decoding: standardErrorContent, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
