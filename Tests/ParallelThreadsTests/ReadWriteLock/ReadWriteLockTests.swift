import ParallelCore
import Synchronization
import TestSupport
import Testing

@testable import ParallelThreads

@Suite struct ReadWriteLockTests {
  struct Oops: Error, Equatable {}

  @Test func readersShareAndAWriterIsAlone() throws {
    let lock = ReadWriteLock()
    lock.lockForReading()
    #expect(lock.tryLockForReading())
    #expect(lock.lockForReading(timeout: .zero))
    #expect(lock.readerCount == 3)
    #expect(!lock.isLockedForWriting)
    #expect(!lock.tryLockForWriting())
    for _ in 0..<3 { lock.unlockAfterReading() }
    #expect(lock.tryLockForWriting())
    #expect(lock.isLockedForWriting)
    #expect(!lock.tryLockForReading())
    #expect(!lock.tryLockForWriting())
    lock.unlockAfterWriting()
    #expect(lock.word.load(ordering: .relaxed) == .free)
  }

  @Test(arguments: [Duration.milliseconds(2), .nanoseconds(1), .zero, .seconds(-1)])
  func aLimitedWaitGivesUpAndNeverBefore(timeout: Duration) {
    let lock = ReadWriteLock()
    lock.lockForWriting()
    var begin = ContinuousClock.now
    #expect(!lock.lockForReading(timeout: timeout))
    #expect(ContinuousClock.now - begin >= timeout)
    begin = ContinuousClock.now
    #expect(!lock.lockForWriting(timeout: timeout))
    #expect(ContinuousClock.now - begin >= timeout)
    lock.unlockAfterWriting()
    #expect(lock.word.load(ordering: .relaxed) == .free)
    #expect(lock.lockForReading(timeout: timeout))
    lock.unlockAfterReading()
    #expect(lock.lockForWriting(timeout: timeout))
    lock.unlockAfterWriting()
  }

  @Test func noLimitWaits() throws {
    let lock = ReadWriteLock()
    #expect(lock.lockForReading(timeout: nil))
    lock.unlockAfterReading()
    #expect(lock.lockForWriting(timeout: nil))
    lock.unlockAfterWriting()
  }

  @Test func bodiesGiveTheLockBackAlsoWhenTheyThrow() {
    let lock = ReadWriteLock()
    func read() throws(Oops) { try lock.withReadLock { () throws(Oops) in throw Oops() } }
    func write() throws(Oops) { try lock.withWriteLock { () throws(Oops) in throw Oops() } }
    #expect(throws: Oops()) { try read() }
    #expect(throws: Oops()) { try write() }
    #expect(lock.withReadLock { lock.readerCount } == 1)
    #expect(lock.withWriteLock { lock.isLockedForWriting })
    #expect(lock.word.load(ordering: .relaxed) == .free)
  }

  @Test func tasksMayUseBodies() async {
    let lock = ReadWriteLock()
    #expect(lock.withReadLock { 1 } + lock.withWriteLock { 2 } == 3)
  }

  @Test func anyThreadMayGiveItBack() throws {
    let lock = ReadWriteLock()
    lock.lockForWriting()
    try onOtherThread { lock.unlockAfterWriting() }
    lock.lockForReading()
    try onOtherThread { lock.unlockAfterReading() }
    #expect(lock.word.load(ordering: .relaxed) == .free)
  }

  private static func unlock(_ held: ReadWriteAccess?, as access: ReadWriteAccess) {
    let lock = ReadWriteLock()
    switch held {
    case .reading: lock.lockForReading()
    case .writing: lock.lockForWriting()
    case nil: break
    }
    if access == .reading { lock.unlockAfterReading() } else { lock.unlockAfterWriting() }
  }

  @Test func wrongUnlocksTrap() async {
    let nobodyReads = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Self.unlock(nil, as: .reading)
    }
    let nobodyWrites = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Self.unlock(.reading, as: .writing)
    }
    let aWriterIsIn = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Self.unlock(.writing, as: .reading)
    }
    func text(_ result: ExitTest.Result?) -> String {
      String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }
    #expect(text(nobodyReads).contains("nobody holds for reading"))
    #expect(text(nobodyWrites).contains("nobody holds for writing: 1 readers hold it"))
    #expect(text(aWriterIsIn).contains("a writer holds it"))
  }

  private static func addReader(to readerCount: UInt32) -> Int {
    let lock = ReadWriteLock(word: ReadWriteWord(rawValue: readerCount))
    lock.lockForReading()
    return lock.readerCount
  }

  @Test func tooManyReadersTrap() async {
    await #expect(processExitsWith: .failure) { _ = Self.addReader(to: ReadWriteWord.mostReaders) }
    #expect(Self.addReader(to: ReadWriteWord.mostReaders - 1) == Int(ReadWriteWord.mostReaders))
  }
}
