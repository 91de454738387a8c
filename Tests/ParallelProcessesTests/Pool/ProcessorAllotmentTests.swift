import Testing

@testable import ParallelProcesses

@Suite struct ProcessorAllotmentTests {
  @Test func theLeastUsedIsTaken() {
    let allotment = ProcessorAllotment(processors: [4, 2, 7])
    #expect((0..<7).map { _ in allotment.take() } == [2, 4, 7, 2, 4, 7, 2])
    allotment.giveBack(7)
    allotment.giveBack(7)
    #expect((0..<3).map { _ in allotment.take() } == [7, 7, 4])
  }

  @Test(
    arguments: [
      ("1", 1), ("4096", 4096), ("+3", 3), ("0", nil), ("-1", nil), ("4097", nil), ("", nil), (" 2", nil),
      ("two", nil),
      ("99999999999999999999", nil),
    ] as [(String, Int?)]) func theVariablesValue(text: String, count: Int?)
  {
    #expect(WorkerCount.count(text) == count)
  }
}
