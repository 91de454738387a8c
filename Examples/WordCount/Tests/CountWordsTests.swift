import Parallel
import Testing

@testable import WordCount

@Suite struct CountWordsTests {
  private let folder = ScratchFolder()

  private func count(_ bytes: some Sequence<UInt8>) throws -> CountWords.Output {
    try CountWords(file: FilePath(try folder.write(bytes, to: "file"))).run()
  }

  /// Larger than what is read at once, so that characters and words lie across the seams.
  @Test func aLongTextHasTheWordsOfTheReference() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("long text: seed \(seed)")
    var random = SeededRandom(state: seed)
    let text = random.text(length: 300_000)
    let output = try count(text.utf8)
    #expect(output.counts == referenceCounts(text), "seed \(seed)")
    #expect(output.byteCount == text.utf8.count)
  }

  @Test func aCharacterMayLieAcrossAnySeam() throws {
    for shift in 0..<4 {
      let text = String(repeating: "x", count: 65_536 - shift) + "😀é end"
      #expect(try count(text.utf8).counts == referenceCounts(text), "shift \(shift)")
    }
  }

  @Test(
    arguments: [
      [0x61, 0, 0x62], [0xFF], [0x61, 0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x80],
      [0x80, 0x80, 0x80, 0x80],
    ] as [[UInt8]])
  func whatIsNoTextIsRefused(_ bytes: [UInt8]) {
    #expect(throws: CountWords.NotText()) { try count(bytes) }
  }

  @Test func aZeroByteFarBehindIsASeparator() throws {
    let text = "start" + String(repeating: " ", count: 10_000) + "a\0b"
    #expect(try count(text.utf8).counts == ["start": 1, "a": 1, "b": 1])
  }

  @Test func anEmptyFileIsAText() throws {
    let output = try count([])
    #expect(output.counts.isEmpty && output.byteCount == 0)
  }

  @Test func aFolderIsNoFile() {
    #expect(throws: Errno.invalidArgument) { try CountWords(file: FilePath(folder.path)).run() }
  }

  /// In a real worker process: the tests' executable can be one, too.
  @Test func errorsArriveAsWhatTheyAre() async throws {
    let binary = FilePath(try folder.write([0], to: "binary"))
    let gone = FilePath(folder.path + "/gone")
    try await withProcessPool(workers: 1) { pool in
      await #expect(throws: CountWords.NotText()) { try await pool.run(CountWords(file: binary)) }
      await #expect(throws: Errno.noSuchFileOrDirectory) { try await pool.run(CountWords(file: gone)) }
    }
  }
}
