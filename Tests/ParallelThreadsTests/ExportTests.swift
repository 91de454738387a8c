import ParallelThreads
import Testing

@Suite struct ExportTests {
  @Test func theModuleBringsTheErrorThatItThrows() {
    #expect(ParallelError.Code.misuse.name == "misuse")
  }
}
