import Testing

@testable import ParallelProcesses

@Suite struct AnswersTests {
  private func answers(_ frames: [(kind: Frame.Kind, sequence: UInt64)]) -> Answers {
    let chunk = Array(UInt8(0)..<UInt8(frames.count))
    return Answers(
      frames.enumerated().map { index, frame in
        Frame(kind: frame.kind, sequence: frame.sequence, payload: chunk[index..<index + 1])
      }, worker: 7)
  }

  @Test func resultsOfOneItemAreARun() {
    let all = answers([(.result, 1), (.result, 2), (.result, 2), (.result, 2), (.threw, 2), (.result, 2)])
    #expect(all.results(from: 0, atMost: 10).range == 0..<1)
    #expect(all.results(from: 1, atMost: 10).range == 1..<4)
    #expect(all.results(from: 1, atMost: 2).range == 1..<3)
    #expect(all.results(from: 4, atMost: 10).count == 0)
    #expect(all.results(from: 5, atMost: .max - 5).range == 5..<6)
  }

  @Test func oneAloneDoesNotHoldOnToTheOthers() {
    weak var others: Answers?
    let kept: Answer
    do {
      let all = answers([(.result, 1), (.threw, 2), (.result, 3)])
      others = all
      kept = all.alone(1)
    }
    #expect(others == nil)
    #expect(kept.kind == .threw)
    #expect(kept.payload == [1])
  }
}
