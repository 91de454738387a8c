import Testing

@testable import ParallelProcesses

@Suite struct RunPaceTests {
  @Test func beginsWithOneAtATime() { #expect(RunPace().depth == 1) }

  @Test(arguments: [(UInt64(0), 256), (1_000, 256), (8_000, 100), (98_000, 10), (1_000_000, 1), (1 << 40, 1)])
  func holdsAMillisecondOfWork(nanoseconds: UInt64, depth: Int) {
    var pace = RunPace()
    for _ in 0..<100 { pace.record(nanoseconds: nanoseconds) }
    #expect(pace.depth == depth)
  }

  @Test func aSlowItemCountsAtOnceAndAFastOneLittle() {
    var pace = RunPace()
    for _ in 0..<100 { pace.record(nanoseconds: 1_000) }
    pace.record(nanoseconds: 10_000_000)
    #expect(pace.depth == 1)
    pace.record(nanoseconds: 1_000)
    #expect(pace.depth == 1)
    for _ in 0..<100 { pace.record(nanoseconds: 1_000) }
    #expect(pace.depth == 256)
  }

  @Test func nonsenseDoesNoHarm() {
    var pace = RunPace()
    for sample in [UInt64.max, 0, .max, 1 << 63] { pace.record(nanoseconds: sample) }
    #expect(pace.depth == 1)
  }
}
