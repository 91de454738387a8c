import Testing

@testable import ParallelProcesses

@Suite struct LineSplitterTests {
  private var splitter = LineSplitter(marker: "Fatal error")

  private mutating func append(_ text: String) -> String {
    String(decoding: splitter.append(Array(text.utf8)), as: UTF8.self)
  }

  private mutating func finish() -> String { String(decoding: splitter.finish(), as: UTF8.self) }

  @Test mutating func passesWholeLinesOnly() {
    #expect(append("one\ntwo\nthr") == "one\ntwo\n")
    #expect(append("ee") == "")
    #expect(append("\n\n") == "three\n\n")
    #expect(splitter.tail == ["one", "two", "three"])
    #expect(finish() == "")
  }

  @Test mutating func endsTheLastLineItself() {
    #expect(append("a\nb") == "a\n")
    #expect(finish() == "b\n")
    #expect(finish() == "")
    #expect(splitter.tail == ["a", "b"])
  }

  @Test mutating func nothingIsNothing() {
    #expect(append("") == "")
    #expect(finish() == "")
    #expect(splitter.tail == [])
  }

  @Test mutating func isTheSameWhereverItIsCut() {
    let text = "first\n\nsecond Fatal error: x\nthird\n" + "last"
    for cut in 0...text.utf8.count {
      var other = LineSplitter(marker: "Fatal error")
      let bytes = Array(text.utf8)
      let passed = other.append(bytes[..<cut]) + other.append(bytes[cut...]) + other.finish()
      #expect(passed == bytes + [10])
      #expect(other.tail == ["first", "second Fatal error: x", "third", "last"])
      #expect(other.markedLine == "second Fatal error: x")
    }
  }

  @Test mutating func keepsTheLastTwentyLinesCutShort() {
    for number in 0..<100 { _ = append("\(number)\n") }
    #expect(splitter.tail == (80..<100).map(String.init))
    _ = append((0..<50).map { "\($0)\n" }.joined() + String(repeating: "x", count: 10_000) + "\n")
    #expect(splitter.tail.count == 20)
    #expect(splitter.tail.last == String(repeating: "x", count: 500))
  }

  @Test mutating func aLineWithoutAnEndIsPassedOnInPieces() {
    let piece = String(repeating: "x", count: 40_000)
    #expect(append(piece) == "")
    #expect(append(piece) == piece + piece)
    #expect(append("end\n") == "end\n")
  }

  @Test mutating func bytesThatAreNoTextPassUnchanged() {
    let bytes: [UInt8] = [0xFF, 0, 0xC3, 10, 0x80]
    #expect(splitter.append(bytes) == [0xFF, 0, 0xC3, 10])
    #expect(splitter.finish() == [0x80, 10])
    #expect(splitter.tail.count == 2)
  }

  @Test mutating func remembersTheMarkedLineThoughManyFollow() {
    _ = append("FFatal erroFatal error: here\n")
    for number in 0..<100 { _ = append("frame \(number)\n") }
    #expect(splitter.markedLine == "FFatal erroFatal error: here")
    _ = append("Fatal error: a later one\n")
    #expect(splitter.markedLine == "Fatal error: a later one")
  }
}
