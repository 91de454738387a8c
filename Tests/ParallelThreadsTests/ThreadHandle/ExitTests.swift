import Glibc
import ParallelCore
import ParallelThreads
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct ExitTests {
  @Test func aNormalExitWaitsForThreadsThatAreNotDaemons() async throws {
    let result = await #expect(processExitsWith: .exitCode(3), observing: [\.standardOutputContent]) {
      try WorkerThread.start {
        exiting.pass()
        say("finished")
      }
      openAtExit()
      exit(3)
    }
    #expect(try #require(result).said("finished"))
  }

  @Test func aDaemonIsNotWaitedFor() async throws {
    let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
      try startNewThread { try Gate().pass() }
      try WorkerThread.start(isDaemon: true) {
        try Gate().pass()
        say("finished")
      }
      try WorkerThread.start {}
      exit(0)
    }
    #expect(try !#require(result).said("finished"))
  }

  @Test func aThreadThatCallsExitWaitsForTheOthersButNotForItself() async throws {
    let result = await #expect(processExitsWith: .exitCode(4), observing: [\.standardOutputContent]) {
      try WorkerThread.start {
        exiting.pass()
        say("finished")
      }
      try WorkerThread.start {
        openAtExit()
        exit(4)
      }
      try await Gate().opened()
    }
    #expect(try #require(result).said("finished"))
  }

  @Test func aCancelledThreadThatCallsExitWaitsToo() async throws {
    let result = await #expect(processExitsWith: .exitCode(5), observing: [\.standardOutputContent]) {
      try WorkerThread.start {
        exiting.pass()
        say("finished")
      }
      try WorkerThread.start {
        ThreadHandle.current.cancel()
        openAtExit()
        exit(5)
      }
      try await Gate().opened()
    }
    #expect(try #require(result).said("finished"))
  }

  @Test func aThreadThatIsStartedMeanwhileIsWaitedForToo() async throws {
    let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
      try WorkerThread.start {
        exiting.pass()
        try WorkerThread.start {
          try WorkerThread.start { say("finished") }
        }
      }
      openAtExit()
      exit(0)
    }
    #expect(try #require(result).said("finished"))
  }

  @Test func anImmediateExitWaitsForNobody() async {
    await #expect(processExitsWith: .exitCode(6)) {
      try WorkerThread.start { try Gate().pass() }
      _exit(6)
    }
  }

  @Test func aTrapWaitsForNobody() async {
    await #expect(processExitsWith: .failure) {
      try WorkerThread.start { try Gate().pass() }
      fatalError("on purpose")
    }
  }

  @Test func waitingForAllIsLimitedByItsTimeoutAndByCancellation() async {
    await #expect(processExitsWith: .success) {
      let isFree = try await ThreadHandle.waitForAll()
      precondition(isFree)
      let gate = try Gate()
      let threads = try (0..<4).map { _ in try WorkerThread.start { gate.pass() } }
      for timeout in [Duration.seconds(-1), .zero, .milliseconds(10)] {
        let isOver = try await ThreadHandle.waitForAll(timeout: timeout)
        precondition(!isOver)
        let isOverHere = try await onThread { try ThreadHandle.waitForAll(timeout: timeout) }
        precondition(!isOverHere)
      }
      let task = Task { try await ThreadHandle.waitForAll() }
      task.cancel()
      guard case .failure(is CancellationError) = await task.result else { fatalError("not cancelled") }
      let waits = try WorkerThread.start(isDaemon: true) { try ThreadHandle.waitForAll() }
      gate.open()
      let isOver = try await waits.join()
      precondition(isOver && threads.allSatisfy { !$0.isAlive })
    }
  }
}

/// Opened when the process has begun to exit, before the package's own handler waits.
private let exiting: Gate = {
  do { return try Gate() } catch { fatalError("no gate: \(error)") }
}()

/// To be called after a thread was started: handlers run in the opposite order.
private func openAtExit() { atexit { exiting.open() } }

private func say(_ word: String) { _ = word.withCString { write(STDOUT_FILENO, $0, strlen($0)) } }

extension ExitTest.Result {
  fileprivate func said(_ word: String) -> Bool {
    String(decoding: standardOutputContent, as: UTF8.self).contains(word)
  }
}
