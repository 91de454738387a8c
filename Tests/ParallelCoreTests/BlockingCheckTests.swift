import ParallelCore
import Testing

@Suite struct BlockingCheckTests {
  #if DEBUG
    @Test func warnsInsideATask() async {
      BlockingCheck.aboutToPark(fileID: "BlockingCheckTests/task", line: 1)
      #expect(BlockingCheck.reportedSites.contains("BlockingCheckTests/task:1"))
    }
  #endif

  @Test func staysSilentOutsideTasks() throws {
    try NativeThread.start(name: "plain") {
      BlockingCheck.aboutToPark(fileID: "BlockingCheckTests/thread", line: 1)
    }.join()
    #expect(!BlockingCheck.reportedSites.contains("BlockingCheckTests/thread:1"))
  }

  @Test func staysSilentOnThreadsThatMayBlock() async {
    func check() {
      BlockingCheck.threadMayBlock = true
      defer { BlockingCheck.threadMayBlock = false }
      BlockingCheck.aboutToPark(fileID: "BlockingCheckTests/ours", line: 1)
    }
    check()
    #expect(!BlockingCheck.reportedSites.contains("BlockingCheckTests/ours:1"))
  }

  @Test func theMarkBelongsToOneThread() throws {
    let other = Guarded(true)
    BlockingCheck.threadMayBlock = true
    defer { BlockingCheck.threadMayBlock = false }
    try NativeThread.start(name: "unmarked") { other.withLock { $0 = BlockingCheck.threadMayBlock } }.join()
    #expect(BlockingCheck.threadMayBlock)
    #expect(!other.withLock { $0 })
  }
}
