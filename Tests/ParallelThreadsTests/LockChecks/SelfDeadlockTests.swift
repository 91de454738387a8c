import ParallelCore
import ParallelThreads
import TestSupport
import Testing

extension LockOrderTests {
  /// Reported also while the order of locks is not checked.
  @Suite struct SelfDeadlockTests {
    /// Reports of this file while `body` runs; `onReport` is called with each, on the thread that waits.
    private func selfDeadlocks(
      _ onReport: @escaping @Sendable () -> Void, of body: () throws -> Void
    ) rethrows -> [LockOrder.Report] {
      let found = Guarded<[LockOrder.Report]>([])
      let before = LockOrder.reportHandler
      defer { LockOrder.reportHandler = before }
      LockOrder.reportHandler = { report in
        guard report.edges[0].acquiredAt.fileID == #fileID else { return }
        found.withLock { $0.append(report) }
        onReport()
      }
      try body()
      return found.withLock { $0 }
    }

    @Test func isReportedWithBothSitesAndWaitsOn() throws {
      let lock = Lock()
      let reported = try Gate()
      let helper = try NativeThread.start(name: "unlocks") {
        reported.pass()
        lock.unlock()
      }
      let line: UInt = #line
      let found = selfDeadlocks({ reported.open() }) {
        lock.lock()
        lock.lock()
        lock.unlock()
      }
      helper.join()
      let report = try #require(found.first)
      #expect(found.count == 1)
      #expect(report.isSelfDeadlock)
      #expect(report.edges[0].heldAt.line == line + 2)
      #expect(report.edges[0].acquiredAt.line == line + 3)
      #expect(report.edges[0].heldLock == report.edges[0].acquiredLock)
      #expect(report.description.contains("waits for a lock that it holds itself"))
      #expect(!lock.isLocked)
    }

    @Test func isReportedOnceForEachPlace() throws {
      let found = try selfDeadlocks({}) {
        for _ in 0..<3 {
          let lock = Lock()
          lock.lock()
          let helper = try NativeThread.start(name: "unlocks") {
            do { try eventually("the other thread sleeps") { lock.isLockedWithSleepers } } catch {
              Issue.record(error)
            }
            lock.unlock()
          }
          lock.lock()
          helper.join()
        }
      }
      #expect(found.count == 1)
    }

    @Test func limitedWaitsAndTriesAreNotReported() {
      let lock = Lock()
      let found = selfDeadlocks({}) {
        lock.lock()
        #expect(!lock.tryLock())
        #expect(!lock.lock(timeout: .milliseconds(1)))
        lock.unlock()
      }
      #expect(found.isEmpty)
    }

    @Test func waitingForAnotherThreadIsNotReported() throws {
      let lock = Lock()
      let found = try selfDeadlocks({}) {
        lock.lock()
        try onOtherThread { lock.unlock() }
        lock.lock()
        let other = try NativeThread.start(name: "waits") { lock.withLock {} }
        lock.unlock()
        other.join()
      }
      #expect(found.isEmpty)
    }

    @Test(arguments: [false, true]) func aWriterThatWaitsForItselfIsReported(writesAgain: Bool) throws {
      let lock = ReadWriteLock()
      let reported = try Gate()
      let helper = try NativeThread.start(name: "unlocks") {
        reported.pass()
        lock.unlockAfterWriting()
      }
      let found = selfDeadlocks({ reported.open() }) {
        lock.lockForWriting()
        // Two places, since each is reported once.
        if writesAgain {
          lock.withWriteLock {}
        } else {
          lock.withReadLock {}
        }
      }
      helper.join()
      #expect(found.map(\.isSelfDeadlock) == [true])
    }
  }
}
