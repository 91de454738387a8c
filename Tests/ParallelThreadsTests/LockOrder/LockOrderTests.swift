import ParallelCore
import ParallelThreads
import Testing

/// The checker is one for the process: these tests run one after the other.
@Suite(.serialized, .enabled(if: LockOrder.isAvailable)) struct LockOrderTests {}

/// What is reported while `body` runs with the checks on; only what has to do with the file that asks, since other tests
/// run meanwhile.
func reports(fileID: String = #fileID, of body: () throws -> Void) rethrows -> [LockOrder.Report] {
  let found = Guarded<[LockOrder.Report]>([])
  let before = LockOrder.reportHandler
  LockOrder.reportHandler = { report in
    if report.edges.contains(where: { $0.acquiredAt.fileID == fileID }) {
      found.withLock { $0.append(report) }
    }
  }
  LockOrder.isChecked = true
  defer {
    LockOrder.isChecked = false
    LockOrder.reportHandler = before
  }
  try body()
  return found.withLock { $0 }
}

/// Takes the second lock while the first is held, both at the line of the call.
func nest(
  _ first: some Lockable, _ second: some Lockable, fileID: StaticString = #fileID, line: UInt = #line
) {
  first.withLock(fileID: fileID, line: line) { second.withLock(fileID: fileID, line: line) {} }
}
