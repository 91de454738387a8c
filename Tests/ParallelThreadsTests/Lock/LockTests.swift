import ParallelCore
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct LockTests {
  @Test func isLockedFromLockToUnlock() {
    let lock = Lock()
    #expect(!lock.isLocked)
    lock.lock()
    #expect(lock.isLocked)
    lock.unlock()
    #expect(!lock.isLocked)
    #expect(lock.tryLock())
    #expect(lock.isLocked)
    lock.unlock()
  }

  @Test func aTryFailsAtOnceWhileAnotherThreadHoldsIt() async throws {
    let lock = Lock()
    try await onThread { lock.lock() }
    #expect(synchronously { !lock.tryLock() })
    #expect(try await onThread { !lock.tryLock() })
    #expect(lock.isLocked)
  }

  @Test func withLockReturnsTheResultAndGivesBackWhenItsBodyThrows() {
    let lock = Lock()
    #expect(lock.withLock { lock.isLocked })
    #expect(throws: Mishap(number: 3)) { try lock.withLock { throw Mishap(number: 3) } }
    #expect(!lock.isLocked)
    func typed() throws(Mishap) { try lock.withLock { () throws(Mishap) in throw Mishap(number: 4) } }
    #expect(throws: Mishap(number: 4)) { try typed() }
    #expect(lock.tryLock())
    lock.unlock()
  }

  @Test func withLockReturnsWhatCantBeCopied() {
    struct Ticket: ~Copyable { let number: Int }
    #expect(Lock().withLock { Ticket(number: 7) }.number == 7)
  }

  @Test(arguments: [Duration.zero, .seconds(-1), .nanoseconds(1), .milliseconds(30)])
  func aTimedAttemptGivesUpAtItsDeadlineAndLeavesTheLockInOrder(timeout: Duration) async throws {
    let lock = Lock()
    try await onThread {
      lock.lock()
      let deadline = Deadline(timeout: timeout)
      #expect(!lock.lock(timeout: timeout))
      #expect(deadline.hasPassed)
    }
    #expect(lock.isLocked)
    try await onThread {
      lock.unlock()
      #expect(lock.lock(timeout: timeout))
      lock.unlock()
      lock.lock()
      #expect(!lock.tryLock())
      lock.unlock()
    }
    #expect(!lock.isLocked)
  }

  @Test func withoutALimitATimedLockWaits() async throws {
    let lock = Lock()
    synchronously { lock.lock() }
    async let isTaken = onThread { lock.lock(timeout: nil) }
    try await lock.hasSleeper()
    synchronously { lock.unlock() }
    #expect(try await isTaken)
    #expect(lock.isLocked)
  }

  @Test func isRefusedToItsHolderToo() async throws {
    let lock = Lock()
    try await onThread {
      lock.lock()
      #expect(!lock.tryLock())
      #expect(!lock.lock(timeout: .milliseconds(5)))
      lock.unlock()
    }
    #expect(!lock.isLocked)
  }

  @Test func anotherThreadMayGiveItBack() async throws {
    let lock = Lock()
    try await onThread { lock.lock() }
    async let second: Void = onThread { lock.lock() }
    try await lock.hasSleeper()
    try await onThread { lock.unlock() }
    try await second
    #expect(lock.isLocked)
    try await onThread { lock.unlock() }
    #expect(!lock.isLocked)
  }

  @Test func unlockingAFreeLockTraps() async {
    let never = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      synchronously { Lock().unlock() }
    }
    #expect(standardError(of: never).contains("unlock() of a Lock that is not locked"))
    let twice = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let lock = Lock()
      synchronously {
        lock.lock()
        lock.unlock()
        lock.unlock()
      }
    }
    #expect(standardError(of: twice).contains("unlock() of a Lock that is not locked"))
  }

  @Test func aFailedAttemptDoesNotHideAnUnlockTooMany() async {
    await #expect(processExitsWith: .failure) {
      let lock = Lock()
      synchronously {
        lock.lock()
        _ = lock.lock(timeout: .milliseconds(1))
        lock.unlock()
        lock.unlock()
      }
    }
  }

  @Test func mayBeLetGoOfWhileLocked() {
    weak var last: Lock?
    for _ in 0..<1_000 {
      let lock = Lock()
      last = lock
      lock.lock()
    }
    #expect(last == nil)
  }

  @Test func ignoresCancellation() async throws {
    let lock = Lock()
    synchronously { lock.lock() }
    let token = CancellationToken()
    async let isTaken = onThread { token.bound { lock.lock(timeout: .seconds(600)) } }
    try await lock.hasSleeper()
    token.cancel()
    synchronously { lock.unlock() }
    #expect(try await isTaken)
  }

  /// The signals come faster than the limit passes: a limit that began anew with each would never come.
  @Test func signalsNeitherShortenNorLengthenAWait() async throws {
    let lock = Lock()
    synchronously { lock.lock() }
    let interrupter = Interrupter()
    let signals = try NativeThread.start(name: "signals") { interrupter.run() }
    let before = Interrupter.count
    try await onThread {
      interrupter.interrupting {
        let deadline = Deadline(timeout: .milliseconds(100))
        #expect(!lock.lock(timeout: .milliseconds(100)))
        #expect(deadline.hasPassed)
      }
    }
    #expect(Interrupter.count > before)
    async let isTaken = onThread { interrupter.interrupting { lock.lock(timeout: nil) } }
    try await lock.hasSleeper()
    synchronously { lock.unlock() }
    #expect(try await isTaken)
    interrupter.stop()
    signals.join()
  }
}
