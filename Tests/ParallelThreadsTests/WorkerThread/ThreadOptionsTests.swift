import Glibc
import ParallelCore
import ParallelThreads
import SystemPackage
import TestSupport
import Testing

@Suite struct ThreadOptionsTests {
  @Test func isCalledByItsNumberUnlessItHasAName() throws {
    let thread = WorkerThread {}
    #expect(thread.name == "Thread-\(thread.number)")
    #expect(WorkerThread(name: "own") {}.name == "own")
    #expect(WorkerThread {}.number > thread.number)
  }

  @Test func theSystemKnowsItsName() throws {
    let thread = try WorkerThread.start(name: "worker äöüäöü") { nameInKernel(of: "thread-self") }
    #expect(try thread.join() == "worker äöüä")
  }

  @Test func canBeRenamedAtAnyTime() async throws {
    let renamed = try Gate(), isRunning = try Gate()
    let thread = WorkerThread(name: "before") { () -> [String] in
      var names = [nameInKernel(of: "thread-self")]
      isRunning.open()
      renamed.pass()
      names.append(nameInKernel(of: "thread-self"))
      ThreadHandle.current.name = "itself"
      return names + [nameInKernel(of: "thread-self")]
    }
    thread.name = "unstarted"
    try thread.start()
    try await isRunning.opened()
    thread.name = "renamed while it runs"
    #expect(thread.name == "renamed while it runs")
    renamed.open()
    #expect(try await thread.join() == ["unstarted", "renamed while i", "itself"])
    thread.name = "ended"
    #expect(thread.name == "ended")
  }

  @Test func takesTheStackSizeAskedFor() throws {
    let large = try WorkerThread.start(stackSize: 64 << 20) { useStack(depth: 2 << 10) }
    #expect(try large.join() > 2 << 10)
    let small = try WorkerThread.start(stackSize: 128 << 10) { useStack(depth: 1) }
    #expect(try small.join() > 1)
  }

  @Test(arguments: [-1, 0, 1, Int.max]) func anImpossibleStackIsAnErrorAndLeavesNoThread(
    size: Int
  ) async throws {
    let thread = WorkerThread(stackSize: size) {}
    for _ in 0..<2 {
      let error = #expect(throws: ParallelError.self) { try thread.start() }
      #expect(error?.code == .system)
      #expect(error?.underlying is Errno)
      #expect(!thread.isAlive)
      #expect(!ThreadHandle.all.contains(thread.handle))
    }
    let joined = await #expect(throws: ParallelError.self) { try await thread.join() }
    #expect(joined?.code == .misuse)
  }

  @Test func aThreadThatTheSystemRefusesIsAnErrorAndNotListed() {
    let thread = WorkerThread(stackSize: 1 << 46) {}
    let error = #expect(throws: ParallelError.self) { try thread.start() }
    #expect(error?.code == .system)
    #expect(error?.underlying as? Errno == .resourceTemporarilyUnavailable)
    #expect(!thread.isAlive)
    #expect(!ThreadHandle.all.contains(thread.handle))
  }

  @Test func aDaemonsThreadsAreDaemons() throws {
    let inherited = try WorkerThread.start(isDaemon: true) {
      [WorkerThread {}.isDaemon, WorkerThread(isDaemon: false) {}.isDaemon]
    }
    #expect(try inherited.join() == [true, false])
    let plain = try WorkerThread.start(isDaemon: false) {
      [WorkerThread {}.isDaemon, WorkerThread(isDaemon: true) {}.isDaemon]
    }
    #expect(try plain.join() == [false, true])
    #expect(!WorkerThread {}.isDaemon)
  }

  @Test func aThreadOfSomebodyElseMakesNoDaemons() async throws {
    let isDaemon = try await onThread { () -> [Bool] in
      [WorkerThread {}.isDaemon, ThreadHandle.current.isDaemon, WorkerThread {}.isDaemon]
    }
    #expect(isDaemon == [false, true, false])
  }

  @Test func runsWithItsNiceness() throws {
    let thread = try WorkerThread.start(niceness: 19) {
      getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
    }
    #expect(try thread.join() == 19)
  }

  @Test(arguments: [-21, 20, .min, .max]) func aNicenessOutOfRangeIsAnError(niceness: Int) {
    let thread = WorkerThread(niceness: niceness) {}
    #expect(#expect(throws: ParallelError.self) { try thread.start() }?.code == .invalidArgument)
    #expect(!thread.isAlive)
  }

  @Test func aRefusedNicenessLeavesNoThread() async {
    await #expect(processExitsWith: .success) {
      setuid(65534)
      let threads = ResourceCount.now.threads
      let runs = Guarded(0)
      let thread = WorkerThread(niceness: -5) { runs.withLock { $0 += 1 } }
      do throws(ParallelError) {
        try thread.start()
        fatalError("started")
      } catch {
        precondition(error.code == .system, "\(error)")
        precondition(
          [.permissionDenied, .notPermitted].contains(error.underlying as? Errno), "\(error)")
      }
      precondition(!thread.isAlive && !ThreadHandle.all.contains(thread.handle))
      try await eventually("the thread is gone") { ResourceCount.now.threads <= threads + 1 }
      precondition(runs.withLock { $0 } == 0)
    }
  }

  @Test func runsOnItsProcessors() throws {
    let allowed = try #require(allowedProcessors(of: "self"))
    let last = try #require(allowed.split { $0 == "," || $0 == "-" }.last.flatMap { Int($0) })
    let thread = try WorkerThread.start(processors: [last]) { allowedProcessors(of: "thread-self") }
    #expect(try thread.join() == "\(last)")
  }

  @Test(arguments: [[], [-1], [0, 1024], [.max]] as [Set<Int>])
  func processorsThatCantExistAreAnError(processors: Set<Int>) {
    let thread = WorkerThread(processors: processors) {}
    #expect(#expect(throws: ParallelError.self) { try thread.start() }?.code == .invalidArgument)
    #expect(!ThreadHandle.all.contains(thread.handle))
  }

  @Test func aProcessorThatIsNotThereIsAnError() {
    let thread = WorkerThread(processors: [1023]) {}
    let error = #expect(throws: ParallelError.self) { try thread.start() }
    #expect(error?.code == .system)
    #expect(error?.underlying as? Errno == .invalidArgument)
    #expect(!thread.isAlive)
  }

  @Test func receivesSignalsAsItsCreatorDoes() throws {
    let creator = try WorkerThread.start {
      var mask = sigset_t()
      sigemptyset(&mask)
      sigaddset(&mask, SIGUSR2)
      pthread_sigmask(SIG_SETMASK, &mask, nil)
      return try WorkerThread.start {
        var mask = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &mask)
        return [SIGUSR2, SIGTERM, SIGINT].map { sigismember(&mask, $0) == 1 }
      }.join()
    }
    #expect(try creator.join() == [true, false, false])
  }

  @Test func mayBlock() throws {
    #expect(try WorkerThread.start { BlockingCheck.threadMayBlock }.join())
  }
}

private func nameInKernel(of thread: String) -> String {
  contents(of: FilePath("/proc/\(thread)/comm")).map { String($0.dropLast()) } ?? ""
}

private func allowedProcessors(of thread: String) -> String? {
  let lines = contents(of: FilePath("/proc/\(thread)/status"))?.split(separator: "\n") ?? []
  let line = lines.first { $0.hasPrefix("Cpus_allowed_list:") }
  return line?.split(separator: "\t").last.map(String.init)
}

/// Takes 16 KiB of stack for each level; the sum keeps the calls from being turned into a loop.
@inline(never) private func useStack(depth: Int) -> Int {
  var bytes = InlineArray<16_384, UInt8>(repeating: 0)
  bytes[depth % 16_384] = 1
  return (depth == 0 ? 1 : useStack(depth: depth - 1)) + Int(bytes[depth % 16_384])
}
