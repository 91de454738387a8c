import Glibc
import ParallelCore
import ParallelThreads
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct ThreadLeakTests {
  @Test func athousandThreadsThatNobodyJoinsLeaveNothing() async {
    await #expect(processExitsWith: .success) {
      let local = ThreadLocal { Payload() }
      func run() async throws {
        for _ in 0..<250 {
          try WorkerThread.start { local.withValue { $0.touch() } }
          try startNewThread { local.withValue { $0.touch() } }
          try WorkerThread.start(niceness: 1) {}
          _ = try NativeThread.start(name: "foreign") {
            local.withValue { $0.touch() }
            _ = ThreadHandle.current
          }
        }
        try await eventually("all have ended") { names(in: "/proc/self/task").count < 16 }
      }
      try await run()
      let before = ResourceCount.now
      try await run()
      try await eventually("nothing is left") { ResourceCount.now.isWithin(before) }
      let ended = ThreadHandle.all.filter { !$0.isAlive }
      precondition(ended.isEmpty)
      precondition(ThreadHandle.all.count < 16, "\(ThreadHandle.all)")
    }
  }
}
