import ParallelCore
import Testing

@Suite struct ProcessorMaskTests {
  @Test(
    arguments: [
      ([], [0]), ([0], [1]), ([0, 1, 5], [0b100011]), ([63], [1 << 63]), ([64], [0, 1]),
      ([3, 130], [8, 0, 4]),
    ] as [(Set<Int>, [UInt64])]) func bitsAndNumbers(processors: Set<Int>, words: [UInt64])
  {
    #expect(ProcessorMask(processors).words == words)
    #expect(ProcessorMask(processors).processors == processors.sorted())
  }

  @Test func impossibleNumbersAreLeftOut() {
    #expect(ProcessorMask([-1, .min, .max, 8192, 2]).processors == [2])
    #expect(ProcessorMask([8191]).words.count == 128)
  }
}
