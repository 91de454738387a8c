import ParallelCore
import Synchronization
import TestSupport
import Testing

@testable import ParallelThreads

/// Who goes in when, of those who wait.
@Suite struct ReadWriteLineTests {
  /// Threads that come to the lock one after the other; each is in the line before the next one starts.
  private final class Queue: Sendable {
    let lock: ReadWriteLock
    let entered = Guarded<[String]>([])
    private let threads = Guarded<[NativeThread]>([])

    init(_ lock: ReadWriteLock) { self.lock = lock }

    func come(_ name: String, _ body: @escaping @Sendable () -> Void) throws {
      let before = lock.line.withLock { $0.count }
      let thread = try NativeThread.start(name: name, body)
      threads.withLock { $0.append(thread) }
      try eventually("\(name) stands in line") { lock.line.withLock { $0.count } == before + 1 }
    }

    func reader(_ name: String) throws {
      try come(name) { [self] in
        lock.withReadLock { entered.withLock { $0.append(name) } }
      }
    }

    func writer(_ name: String) throws {
      try come(name) { [self] in
        lock.withWriteLock { entered.withLock { $0.append(name) } }
      }
    }

    func join() { for thread in threads.withLock({ $0 }) { thread.join() } }
  }

  @Test func writersGoInAsTheyCame() throws {
    let queue = Queue(ReadWriteLock())
    queue.lock.lockForWriting()
    for number in 0..<8 { try queue.writer("\(number)") }
    queue.lock.unlockAfterWriting()
    queue.join()
    #expect(queue.entered.withLock { $0 } == (0..<8).map { "\($0)" })
    #expect(queue.lock.word.load(ordering: .relaxed) == .free)
  }

  @Test(arguments: [false, true]) func runsOfReadersGoInBetweenTheWriters(readerHolds: Bool) throws {
    let queue = Queue(ReadWriteLock())
    if readerHolds { queue.lock.lockForReading() } else { queue.lock.lockForWriting() }
    try queue.writer("w1")
    for name in ["r1", "r2", "r3"] { try queue.reader(name) }
    try queue.writer("w2")
    try queue.reader("r4")
    if readerHolds { queue.lock.unlockAfterReading() } else { queue.lock.unlockAfterWriting() }
    queue.join()
    let order = queue.entered.withLock { $0 }
    #expect(order.first == "w1")
    #expect(Set(order[1...3]) == ["r1", "r2", "r3"])
    #expect(order[4...] == ["w2", "r4"])
  }

  @Test func allReadersInFrontAreInTogether() throws {
    let lock = ReadWriteLock()
    let queue = Queue(lock)
    lock.lockForWriting()
    for number in 0..<5 {
      try queue.come("reader") {
        lock.withReadLock {
          // Nobody leaves before all are in.
          do {
            try eventually("all are in") { lock.readerCount == 5 || queue.entered.withLock { $0.count } > 0 }
          } catch {
            Issue.record(error)
          }
          queue.entered.withLock { $0.append("\(number)") }
        }
      }
    }
    lock.unlockAfterWriting()
    queue.join()
    #expect(lock.word.load(ordering: .relaxed) == .free)
  }

  @Test func aNewReaderDoesNotOvertakeAWaitingWriter() throws {
    let lock = ReadWriteLock()
    let queue = Queue(lock)
    lock.lockForReading()
    try queue.writer("w")
    #expect(!lock.tryLockForReading())
    #expect(!lock.lockForReading(timeout: .milliseconds(1)))
    lock.unlockAfterReading()
    queue.join()
    #expect(lock.tryLockForReading())
  }

  /// Stands in the line as a thread does that is about to sleep.
  private func stand(_ access: ReadWriteAccess, before lock: ReadWriteLock) throws -> ReadWriteWaiter {
    guard case .standsInLine(let waiter) = lock.enterOrStand(access, mayStand: true) else {
      throw NotInLine()
    }
    return waiter
  }

  private struct NotInLine: Error {}

  @Test func aWriterThatGivesUpLetsTheReadersBehindItIn() throws {
    let lock = ReadWriteLock()
    let queue = Queue(lock)
    lock.lockForReading()
    let writer = try stand(.writing, before: lock)
    try queue.reader("r1")
    try queue.reader("r2")
    #expect(lock.takeTurn(writer, hasTimedOut: true) == false)
    // While this thread still reads.
    queue.join()
    #expect(Set(queue.entered.withLock { $0 }) == ["r1", "r2"])
    lock.unlockAfterReading()
    #expect(lock.word.load(ordering: .relaxed) == .free)
  }

  @Test func aWakeUpForOneThatGivesUpIsPassedOn() throws {
    let lock = ReadWriteLock()
    let queue = Queue(lock)
    lock.lockForReading()
    let first = try stand(.writing, before: lock)
    try queue.writer("w")
    // Wakes the first, which finds that another writer was faster, and whose time is over then.
    lock.unlockAfterReading()
    #expect(lock.word.load(ordering: .relaxed).isHeadWoken)
    #expect(lock.tryLockForWriting())
    #expect(lock.takeTurn(first, hasTimedOut: true) == false)
    #expect(!lock.word.load(ordering: .relaxed).isHeadWoken)
    lock.unlockAfterWriting()
    queue.join()
    #expect(queue.entered.withLock { $0 } == ["w"])
    #expect(lock.word.load(ordering: .relaxed) == .free)
  }

  @Test func successWinsATieWithTheDeadline() throws {
    let lock = ReadWriteLock()
    lock.lockForWriting()
    let reader = try stand(.reading, before: lock)
    lock.unlockAfterWriting()
    #expect(lock.takeTurn(reader, hasTimedOut: true) == true)
    #expect(lock.readerCount == 1)
    lock.unlockAfterReading()
    #expect(lock.word.load(ordering: .relaxed) == .free)
  }

  @Test func aLimitedWriterInFrontKeepsNobodyOutForEver() throws {
    let lock = ReadWriteLock()
    lock.lockForReading()
    try onThreads(4) { number in
      if number == 0 {
        #expect(!lock.lockForWriting(timeout: .milliseconds(30)))
      } else {
        lock.withReadLock {}
      }
    }
    lock.unlockAfterReading()
    #expect(lock.word.load(ordering: .relaxed) == .free)
  }

  @Test func oneInTheMiddleThatGivesUpChangesNothing() throws {
    let lock = ReadWriteLock()
    let queue = Queue(lock)
    lock.lockForWriting()
    try queue.reader("r1")
    let writer = try stand(.writing, before: lock)
    try queue.reader("r2")
    #expect(lock.takeTurn(writer, hasTimedOut: true) == false)
    #expect(lock.line.withLock { $0.count } == 2)
    lock.unlockAfterWriting()
    queue.join()
    #expect(Set(queue.entered.withLock { $0 }) == ["r1", "r2"])
    #expect(lock.word.load(ordering: .relaxed) == .free)
  }

  /// Overlapping readers would keep a writer out for ever, were they let in.
  @Test func aStreamOfReadersDoesNotStarveAWriter() throws {
    let lock = ReadWriteLock()
    let isDone = Atomic<Bool>(false)
    try onThreads(5) { number in
      if number == 0 {
        for _ in 0..<50 {
          #expect(lock.lockForWriting(timeout: .seconds(120)))
          lock.unlockAfterWriting()
        }
        isDone.store(true, ordering: .relaxed)
      } else {
        while !isDone.load(ordering: .relaxed) {
          lock.withReadLock { for _ in 0..<200 { _ = isDone.load(ordering: .relaxed) } }
        }
      }
    }
  }

  @Test(arguments: [false, true]) func writersDoNotStarveAnybody(victimReads: Bool) throws {
    let lock = ReadWriteLock()
    let isDone = Atomic<Bool>(false)
    try onThreads(4) { number in
      if number == 0 {
        for _ in 0..<50 {
          if victimReads {
            #expect(lock.lockForReading(timeout: .seconds(120)))
            lock.unlockAfterReading()
          } else {
            #expect(lock.lockForWriting(timeout: .seconds(120)))
            lock.unlockAfterWriting()
          }
        }
        isDone.store(true, ordering: .relaxed)
      } else {
        while !isDone.load(ordering: .relaxed) {
          lock.withWriteLock { for _ in 0..<200 { _ = isDone.load(ordering: .relaxed) } }
        }
      }
    }
  }

  /// A writer that gives the lock back and takes it again at once, always before the sleeper has woken.
  @Test func oneWhoWasPassedOverTooOftenGoesFirst() throws {
    let lock = ReadWriteLock()
    let queue = Queue(lock)
    lock.lockForWriting()
    try queue.reader("r")
    let waiter = try #require(lock.line.withLock { $0.head })
    lock.line.withLock { _ in waiter.passes = ReadWriteLock.mostPasses - 1 }
    // As if it had been woken and found the lock taken once more.
    #expect(lock.takeTurn(waiter, hasTimedOut: false) == nil)
    #expect(lock.word.load(ordering: .relaxed).isUrgent)
    try queue.writer("w")
    lock.unlockAfterWriting()
    lock.lockForWriting()
    #expect(queue.entered.withLock { $0.first } == "r")
    lock.unlockAfterWriting()
    queue.join()
    #expect(lock.word.load(ordering: .relaxed) == .free)
  }
}
