import ParallelFutures
import Testing

@Suite struct FutureWordTests {
  typealias Phase = FutureWord.Phase

  static let phases: [Phase] = [
    .pending, .running, .claimed, .deferred, .decoding, .succeeded, .failed, .cancelled,
  ]

  @Test(arguments: phases) func everyEventAppliesInItsPhasesOnly(phase: Phase) {
    let word = FutureWord(phase)
    #expect(word.phase == phase)
    #expect((word.start() != nil) == (phase == .pending))
    #expect((word.claim() != nil) == [.pending, .running].contains(phase))
    #expect((word.cancel() != nil) == [.pending, .running].contains(phase))
    #expect((word.decode() != nil) == (phase == .deferred))
    #expect((word.sleep() == nil) == [.succeeded, .failed, .cancelled].contains(phase))
    #expect((word.observe() == nil) == word.isDone)
    #expect((word.takeHook() == nil) == word.isDone)
    #expect((word.setHook() == nil) == word.isDone)
    #expect(word.isDone == ![.pending, .running, .claimed].contains(phase))
  }

  @Test func wishesSurviveUntilTheEnd() throws {
    let word = try #require(FutureWord(.pending).sleep()?.observe()?.takeHook()?.setHook()?.start()?.claim())
    for flag in [FutureWord.Flags.sleepers, .observed, .hookTaken, .hookSet] { #expect(word.has(flag)) }
    let done = try #require(word.publish(.failed))
    #expect(done.phase == .failed)
    for flag in [FutureWord.Flags.sleepers, .observed, .hookSet] { #expect(!done.has(flag)) }
    #expect(done.has(.hookTaken))
    #expect(word.takeHook() == nil)
  }
}
