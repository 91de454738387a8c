import Glibc
import ParallelCore
import SystemPackage
import Testing

@Suite struct NativeThreadTests {
  @Test func runsItsBodyUnderItsName() throws {
    let name = Guarded("")
    let thread = try NativeThread.start(name: "native-name") {
      let own = ownName()
      name.withLock { $0 = own }
    }
    thread.join()
    #expect(name.withLock { $0 } == "native-name")
  }

  @Test func cutsALongNameBetweenCharacters() throws {
    let name = Guarded("")
    let thread = try NativeThread.start(name: "ÄÖÜÄÖÜÄÖÜ") {
      let own = ownName()
      name.withLock { $0 = own }
    }
    thread.join()
    #expect(name.withLock { $0 } == "ÄÖÜÄÖÜÄ")
  }

  @Test func blocksAllButFaultsUnlessItReceivesSignals() throws {
    let masks = Guarded<[Set<Int32>]>([])
    let report: @Sendable () -> Void = {
      let blocked = blockedSignals()
      masks.withLock { $0.append(blocked) }
    }
    // A creator of our own, because the thread that runs a test has a mask of its runner's.
    try NativeThread.start(name: "creator") {
      var mask = sigset_t()
      sigemptyset(&mask)
      sigaddset(&mask, SIGCHLD)
      pthread_sigmask(SIG_SETMASK, &mask, nil)
      #expect(throws: Never.self) {
        try NativeThread.start(name: "deaf", receivesSignals: false, report).join()
        try NativeThread.start(name: "hearing", receivesSignals: true, report).join()
      }
      report()
    }.join()
    #expect(masks.withLock { $0 } == [[SIGINT, SIGTERM, SIGCHLD], [SIGCHLD], [SIGCHLD]])
  }

  @Test func takesTheStackSizeAskedFor() throws {
    // Uses 32 MiB, four times what a thread has by default.
    try NativeThread.start(name: "stack", stackSize: 64 << 20) {
      #expect(useStack(depth: 2 << 10) > 2 << 10)
    }.join()
  }

  @Test(arguments: [-1, 0, 1, Int.max]) func anImpossibleStackIsAnError(size: Int) {
    let error = #expect(throws: ParallelError.self) {
      _ = try NativeThread.start(name: "never", stackSize: size) {}
    }
    #expect(error?.code == .system)
    #expect(error?.underlying is Errno)
  }

  @Test func releasesItsBodyAlsoWhenItIsDetached() throws {
    let parker = Parker()
    weak var weakObject: Payload?
    do {
      let object = Payload { parker.unpark() }
      weakObject = object
      _ = try NativeThread.start(name: "detached") { [object] in _ = object }
    }
    #expect(parker.park())
    #expect(weakObject == nil)
  }
}

private final class Payload: Sendable {
  private let onEnd: @Sendable () -> Void
  init(onEnd: @escaping @Sendable () -> Void) { self.onEnd = onEnd }
  deinit { onEnd() }
}

private func ownName() -> String {
  let file = open("/proc/thread-self/comm", O_RDONLY | O_CLOEXEC)
  defer { close(file) }
  var bytes = [UInt8](repeating: 0, count: 64)
  let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
  return String(decoding: bytes[..<max(0, count)].dropLast(), as: UTF8.self)
}

/// Takes 16 KiB of stack for each level; the sum keeps the calls from being turned into a loop. Few levels, because the
/// thread sanitizer's own record of calls ends at 65,536.
@inline(never) private func useStack(depth: Int) -> Int {
  var bytes = InlineArray<16_384, UInt8>(repeating: 0)
  bytes[depth % 16_384] = 1
  return (depth == 0 ? 1 : useStack(depth: depth - 1)) + Int(bytes[depth % 16_384])
}

private func blockedSignals() -> Set<Int32> {
  var mask = sigset_t()
  pthread_sigmask(SIG_BLOCK, nil, &mask)
  return Set([SIGINT, SIGTERM, SIGUSR1, SIGCHLD, SIGSEGV, SIGABRT].filter { sigismember(&mask, $0) == 1 })
}
