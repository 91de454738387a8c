import Testing

@testable import ParallelProcesses

@Suite struct CrashTextTests {
  private static let own = "hello\nM/f.swift:1: Fatal error: boom\n"
  private static let backtrace = """
    *** Signal 4: Backtracing from 0x1234... done ***

    *** Program crashed: Illegal instruction at 0x1234 ***

    Thread 0 crashed:

    0 main + 4 in prog

    """

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test func separatesTheBacktraceFromWhatTheProgramWrote() {
    var crash = CrashText()
    let passed =
      crash.append(Array((Self.own + "\n" + Self.backtrace).utf8)[...], isDying: true) + crash.finish()
    #expect(text(passed) == Self.own, "the empty line is the backtracer's")
    #expect(crash.backtrace?.hasPrefix("*** Program crashed: Illegal instruction") == true)
    #expect(crash.backtrace?.contains("Signal 4") == false)
    #expect(crash.backtrace?.contains("0 main + 4 in prog") == true)
    #expect(crash.fatalMessage == "M/f.swift:1: Fatal error: boom")
    #expect(crash.lines.tail == ["hello", "M/f.swift:1: Fatal error: boom"])
  }

  @Test func isTheSameWhereverItIsCut() {
    let bytes = Array((Self.own + Self.backtrace).utf8)
    for cut in 0...bytes.count {
      var crash = CrashText()
      let passed =
        crash.append(bytes[..<cut], isDying: true) + crash.append(bytes[cut...], isDying: true)
        + crash.finish()
      #expect(text(passed) == Self.own, "cut at \(cut)")
      #expect(crash.backtrace?.hasPrefix("*** Program crashed") == true, "cut at \(cut)")
    }
  }

  @Test func whatOnlyLooksLikeABacktraceIsTheProgramsOwn() {
    var crash = CrashText()
    let passed = crash.append(Array(Self.backtrace.utf8)[...], isDying: false) + crash.finish()
    #expect(text(passed) == Self.backtrace)
    #expect(crash.backtrace == nil)
  }

  @Test func aBacktraceBeginsAtTheBeginningOfALine() {
    var crash = CrashText()
    let line = "my own *** Signal 4: not yet\n"
    #expect(text(crash.append(Array(line.utf8)[...], isDying: true)) == line)
    #expect(crash.backtrace == nil)
  }

  @Test func theLastLineNeedsNoEnd() {
    var crash = CrashText()
    #expect(text(crash.append(Array("no end".utf8)[...], isDying: true)) == "")
    #expect(text(crash.finish()) == "no end\n")
    #expect(crash.backtrace == nil)
    #expect(crash.fatalMessage == nil)
  }

  @Test func aLineBegunBeforeTheCrashIsKeptTogether() {
    var crash = CrashText()
    #expect(text(crash.append(Array("half".utf8)[...], isDying: false)) == "")
    let rest = crash.append(Array(" a line\n*** Program crashed: x\n".utf8)[...], isDying: true)
    #expect(text(rest) == "half a line\n")
    #expect(crash.backtrace == "*** Program crashed: x\n")
  }

  @Test func aVeryLongBacktraceIsCut() {
    var crash = CrashText()
    _ = crash.append(Array("*** Program crashed: x\n".utf8)[...], isDying: true)
    let line = Array(repeating: UInt8(ascii: "y"), count: 10_000)
    for _ in 0..<100 { _ = crash.append(line[...], isDying: true) }
    #expect(crash.backtrace?.utf8.count == 256 * 1024)
  }

  @Test func onlyAProgressLineIsNoBacktrace() {
    var crash = CrashText()
    _ = crash.append(Array("*** Signal 11: Backtracing from 0x1...".utf8)[...], isDying: true)
    _ = crash.append(Array("\n".utf8)[...], isDying: true)
    #expect(crash.backtrace == nil)
  }

  @Test func aLineOfMegabytesIsPassedOn() {
    var crash = CrashText()
    let piece = Array(repeating: UInt8(ascii: "x"), count: 16_384)
    var passed = 0
    for _ in 0..<200 { passed += crash.append(piece[...], isDying: false).count }
    passed += crash.finish().count
    #expect(passed >= 200 * piece.count)
  }
}
