import Glibc
import ParallelCore
import ParallelThreads
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct ForkTests {
  @Test func inTheChildOnlyTheThreadThatForkedIsThereAndIsTheMainOne() async {
    await #expect(processExitsWith: .success) {
      let gate = try Gate()
      let other = try WorkerThread.start(isDaemon: true) { gate.pass() }
      let thread = try WorkerThread.start(name: "forks") {
        let own = ThreadHandle.current
        let main = ThreadHandle.main
        meetTypes()
        try waitUntilOthersSleep()
        return isTrueInChild {
          [
            ThreadHandle.all == [own], ThreadHandle.main == own, ThreadHandle.current == own, own.isAlive,
            own.nativeID == getpid(), own.name == "forks", !main.isAlive, !other.isAlive,
            isMisuse { try other.join() },
          ]
        }
      }
      let isRight = try await thread.join()
      precondition(isRight)
      precondition(other.isAlive && ThreadHandle.main.number == 1)
    }
  }

  @Test func aForeignThreadThatForkedBecomesTheMainOne() async {
    await #expect(processExitsWith: .success) {
      meetTypes()
      let isRight = try await onThread {
        try waitUntilOthersSleep()
        return isTrueInChild {
          [
            ThreadHandle.all == [.main], ThreadHandle.current == .main,
            ThreadHandle.main.nativeID == getpid(),
            ThreadHandle.main.name == "main",
          ]
        }
      }
      precondition(isRight)
    }
  }

  @Test(.disabled(if: isThreadSanitized, "the sanitizer ends a forked child that starts a thread"))
  func theChildMayStartThreadsAndEndsWithoutWaitingForItsParents() async {
    await #expect(processExitsWith: .success) {
      let gate = try Gate()
      let other = try WorkerThread.start { gate.pass() }
      let isRight = try await onThread {
        try waitUntilOthersSleep()
        return isTrueInChild {
          let thread = try? WorkerThread.start { 4 }
          let isRight = try? thread?.join() == 4
          return [isRight == true, (try? ThreadHandle.waitForAll()) == true]
        }
      }
      precondition(isRight)
      gate.open()
      try await other.join()
    }
  }

  @Test(.disabled(if: isThreadSanitized, "slow enough for a child to find locks of the runtime held"))
  func theListIsNeverLockedInTheChild() async {
    await #expect(processExitsWith: .success) {
      let isOver = Guarded(false)
      meetTypes()
      let churn = try (0..<3).map { _ in
        try WorkerThread.start {
          while !isOver.withLock({ $0 }) {
            try WorkerThread.start { ThreadHandle.current.name = "x" }.join()
            _ = ThreadHandle.all
          }
        }
      }
      let isRight = try await onThread {
        (0..<rounds(release: 200) + 20).allSatisfy { _ in
          isTrueInChild { [ThreadHandle.all == [.main], ThreadHandle.current.isAlive] }
        }
      }
      precondition(isRight)
      isOver.withLock { $0 = true }
      for thread in churn { try await thread.join() }
    }
  }
}

/// The runtime locks its tables where a type is met for the first time, and a child can't wait for that.
private func meetTypes() {
  let current = ThreadHandle.current
  _ = (ThreadHandle.all == [.main], current.isAlive, current.name == "", current.nativeID == 0)
  _ = isMisuse { throw ParallelError(.misuse, "") }
}

/// A thread that sleeps holds no lock of the runtime, which a child would wait for in vain.
private func waitUntilOthersSleep() throws {
  try eventually("the other threads sleep") {
    // The kernel knows a thread, as well as a process, by its number.
    let threads = names(in: "/proc/self/task").compactMap(Int32.init).compactMap(ProcessEntry.init)
    return threads.count { $0.state != "S" } == 1
  }
}

private func isMisuse(_ body: () throws -> Void) -> Bool {
  do {
    try body()
    return false
  } catch { return (error as? ParallelError)?.code == .misuse }
}

/// Whether all that `body` says in a child made by a plain `fork` is true. A child that hangs is killed, so nothing may
/// keep SIGALRM from it.
private func isTrueInChild(_ body: () -> [Bool]) -> Bool {
  let child = plainFork()
  if child == 0 {
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_UNBLOCK, &all, nil)
    alarm(60)
    let answers = body()
    // Tells which answer was wrong.
    _exit(Int32(answers.firstIndex(of: false).map { $0 + 1 } ?? 0))
  }
  var status: Int32 = 0
  while waitpid(child, &status, 0) < 0, errno == EINTR {}
  if status != 0 { print("the child ended with the status", status >> 8, "and the signal", status & 127) }
  return status == 0
}
