import ParallelCore
import ParallelThreads
import TestSupport
import Testing

@Suite struct WithLocksTests {
  struct Oops: Error, Equatable { var number = 1 }

  @Test func takesAllAndGivesAllBack() {
    let (a, b, c) = (Lock(), RecursiveLock(), Lock())
    let result = withLocks(a, b, c) { a.isLocked && b.isHeldByCurrentThread && c.isLocked ? 7 : 0 }
    #expect(result == 7)
    #expect(!a.isLocked && !b.isLocked && !c.isLocked)
  }

  @Test func noLocksAreFine() {
    #expect(withLocks { 1 } == 1)
  }

  @Test func aLockThatIsNamedTwiceIsTakenOnce() {
    let (a, b) = (Lock(), RecursiveLock())
    withLocks(a, b, a, b) { #expect(b.depth == 1) }
    #expect(!a.isLocked && !b.isLocked)
  }

  @Test func givesBackAndPassesOnATypedError() {
    let (a, b) = (Lock(), Lock())
    func fail() throws(Oops) { try withLocks(a, b) { () throws(Oops) in throw Oops(number: 3) } }
    #expect(throws: Oops(number: 3)) { try fail() }
    #expect(!a.isLocked && !b.isLocked)
  }

  /// Notes in which order it is taken and given back.
  private final class Noting: Lockable {
    let lock = Lock()
    let notes: Guarded<[String]>
    init(_ notes: Guarded<[String]>) { self.notes = notes }
    private var name: String { "\(ObjectIdentifier(self))" }
    func lock(fileID: StaticString, line: UInt) {
      lock.lock(fileID: fileID, line: line)
      notes.withLock { $0.append(name) }
    }
    func lock(timeout: Duration?, fileID: StaticString, line: UInt) -> Bool {
      lock.lock(timeout: timeout, fileID: fileID, line: line)
    }
    func tryLock(fileID: StaticString, line: UInt) -> Bool { lock.tryLock(fileID: fileID, line: line) }
    func unlock() {
      notes.withLock { $0.append(name) }
      lock.unlock()
    }
    var isLocked: Bool { lock.isLocked }
  }

  @Test func theOrderIsTheSameForAllArgumentsAndReversedAtTheEnd() {
    let notes = Guarded<[String]>([])
    let (a, b, c) = (Noting(notes), Noting(notes), Noting(notes))
    var seen: Set<[String]> = []
    for locks in [(a, b, c), (b, c, a), (c, b, a), (a, c, b)] {
      withLocks(locks.0, locks.1, locks.2) {}
      seen.insert(notes.withLock { $0.exchange([]) })
    }
    let order = seen.first ?? []
    #expect(seen.count == 1)
    #expect(order.count == 6)
    #expect(order.prefix(3) == ArraySlice(order.suffix(3).reversed()))
  }

  @Test func aLimitTakesAllOrNone() throws {
    let locks = [Lock(), Lock(), Lock()]
    for busy in locks {
      busy.lock()
      for timeout in [Duration.milliseconds(2), .zero, .seconds(-1)] {
        let begin = ContinuousClock.now
        let error = #expect(throws: ParallelError.self) {
          try withLocks(locks[0], locks[1], locks[2], timeout: timeout) { Issue.record("not all are free") }
        }
        #expect(error?.code == .timedOut)
        #expect(ContinuousClock.now - begin >= timeout)
        #expect(locks.filter(\.isLocked).count == 1)
      }
      busy.unlock()
    }
    let results = [
      try withLocks(locks[0], locks[1], timeout: .zero) { 5 }, try withLocks(locks[2], timeout: nil) { 6 },
    ]
    #expect(results == [5, 6])
    #expect(throws: Oops()) {
      try withLocks(locks[0], timeout: .seconds(1)) { () throws -> Void in throw Oops() }
    }
    #expect(!locks.contains { $0.isLocked })
  }
}

extension LockOrderTests {
  @Suite struct WithLocksStressTests {
    private final class Account: @unchecked Sendable {
      // Sendable: the balance is touched only with the lock held; a failing lock shows as a wrong total.
      let lock = Lock()
      var balance = 0
    }

    @Test func randomSubsetsNeverDeadlockAndAreNeverReported() throws {
      let accounts = (0..<6).map { _ in Account() }
      let seed = SeededRandom(for: "WithLocksStressTests").seed
      let turns = rounds(release: 1_000_000) / 8
      let found = try reports {
        try onThreads(8) { number in
          var random = SeededRandom(seed: seed &+ UInt64(number))
          for turn in 0..<turns {
            let chosen = accounts.shuffled(using: &random).prefix(3)
            let (a, b, c) = (chosen[0], chosen[1], chosen[2])
            let move = {
              a.balance += 1
              b.balance += 1
              c.balance += 1
            }
            if turn % 16 == 0 {
              try withLocks(a.lock, b.lock, c.lock, timeout: .seconds(600)) { move() }
            } else {
              withLocks(a.lock, b.lock, c.lock) { move() }
            }
          }
        }
      }
      #expect(found.isEmpty)
      #expect(accounts.reduce(0) { $0 + $1.balance } == 8 * turns * 3)
    }
  }
}

extension Array {
  fileprivate mutating func exchange(_ new: Self) -> Self {
    defer { self = new }
    return self
  }
}
