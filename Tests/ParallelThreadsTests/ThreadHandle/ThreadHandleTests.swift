import CParallel
import Glibc
import ParallelCore
import ParallelThreads
import TestSupport
import Testing

@Suite struct ThreadHandleTests {
  @Test func insideItsBodyTheCurrentThreadIsTheWorker() throws {
    let thread = WorkerThread(name: "me") { () -> (ThreadHandle, Int32?, UInt64) in
      (.current, parallel_native_thread_id(), parallel_thread_number())
    }
    #expect(thread.nativeID == nil)
    try thread.start()
    let (handle, id, number) = try thread.join()
    #expect(handle == thread.handle)
    #expect(handle.name == "me")
    #expect(number == thread.number)
    #expect(id != nil)
  }

  @Test func theNativeIDIsKnownAsSoonAsTheThreadIsStarted() async throws {
    for _ in 0..<20 {
      let gate = try Gate()
      let thread = try WorkerThread.start { () -> Int32 in
        gate.pass()
        return parallel_native_thread_id()
      }
      let id = thread.nativeID
      #expect(id != nil)
      gate.open()
      #expect(try await thread.join() == id)
    }
  }

  @Test func theMainThreadIsKnownEverywhere() async throws {
    let main = try await onThread { ThreadHandle.main }
    #expect(main == ThreadHandle.main)
    #expect(main.number == 1)
    #expect(main.name == "main")
    #expect(main.nativeID == getpid())
    #expect(main.isAlive && !main.isDaemon)
    #expect(ThreadHandle.all.contains(main))
  }

  @Test func aForeignThreadGetsOneHandleAndIsListedWhileItLives() async throws {
    let asked = try Gate(), goOn = try Gate()
    let seen = Guarded<ThreadHandle?>(nil)
    let thread = try NativeThread.start(name: "foreign") {
      let handle = ThreadHandle.current
      #expect(handle == ThreadHandle.current)
      #expect(handle.number == parallel_thread_number())
      #expect(handle.nativeID == parallel_native_thread_id())
      seen.withLock { $0 = handle }
      asked.open()
      goOn.pass()
    }
    try await asked.opened()
    let handle = try #require(seen.withLock { $0 })
    #expect(handle.name == "foreign")
    #expect(handle.isDaemon && handle.isAlive && !handle.isCancelled)
    #expect(ThreadHandle.all.contains(handle))
    goOn.open()
    try await onThread { thread.join() }
    #expect(!ThreadHandle.all.contains(handle))
    #expect(!handle.isAlive)
    #expect(handle.nativeID == nil)
  }

  @Test func aHandleLivesNoLongerThanItsForeignThread() async throws {
    for _ in 0..<100 {
      weak let handle = try await onThread { Weak(ThreadHandle.current) }.object
      try await eventually("the handle is gone") { handle == nil }
    }
  }

  @Test func numbersAreNeverUsedAgain() async throws {
    var numbers: Set<UInt64> = []
    for _ in 0..<200 {
      let thread = try WorkerThread.start { parallel_thread_number() }
      #expect(try await thread.join() == thread.number)
      #expect(numbers.insert(thread.number).inserted)
      let foreign = try await onThread { parallel_thread_number() }
      #expect(numbers.insert(foreign).inserted)
    }
    #expect(!numbers.contains(1))
  }

  @Test func listsThreadsByNumber() async throws {
    let gate = try Gate()
    let threads = try (0..<8).map { _ in try WorkerThread.start { gate.pass() } }
    let listed = ThreadHandle.all
    #expect(listed.map(\.number) == listed.map(\.number).sorted())
    #expect(Set(listed).isSuperset(of: threads.map(\.handle)))
    gate.open()
    for thread in threads { try await thread.join() }
    #expect(Set(ThreadHandle.all).isDisjoint(with: threads.map(\.handle)))
  }

  @Test func saysItsNameAndNumber() {
    let thread = WorkerThread(name: "printed") {}
    #expect("\(thread.handle)" == "thread 'printed' (number \(thread.number))")
  }
}

private final class Weak: Sendable {
  weak let object: ThreadHandle?
  init(_ object: ThreadHandle) { self.object = object }
}
