import Testing

@testable import WordCount

@Suite struct WordCounterTests {
  private func counts(_ pieces: String...) -> [String: Int] {
    var counter = WordCounter()
    for piece in pieces { counter.add(piece.utf8Span) }
    return counter.finish()
  }

  @Test func wordsAreInLowerCase() {
    #expect(counts("One two, ONE; two. Two3") == ["one": 2, "two": 2, "two3": 1])
    #expect(counts("ÉCOLE École Москва МОСКВА") == ["école": 2, "москва": 2])
  }

  @Test func apostrophesBelongToWords() {
    #expect(counts("don't don\u{2019}t DON'T") == ["don't": 3])
    #expect(counts("' '' \u{2019}") == [:])
  }

  @Test func accentsOfTheirOwnBelongToTheLetterBefore() {
    #expect(counts("cafe\u{301} café") == ["café": 2])
    #expect(counts("❤\u{FE0F} \u{301}") == [:])
  }

  @Test func aWordGoesOnInTheNextPiece() {
    #expect(counts("hel", "lo wor", "", "ld") == ["hello": 1, "world": 1])
  }

  @Test func nothingHasNoWords() {
    #expect(counts() == [:])
    #expect(counts("", " \n-–") == [:])
  }

  @Test func manyWordsAreKeptApart() {
    var counter = WordCounter()
    for number in 0..<100_000 { counter.add("w\(number % 50_000) ".utf8Span) }
    let counts = counter.finish()
    #expect(counts.count == 50_000 && counts.values.allSatisfy { $0 == 2 })
  }

  @Test func randomTextHasTheWordsOfTheReference() {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("word counter: seed \(seed)")
    var random = SeededRandom(state: seed)
    for _ in 0..<300 {
      var counter = WordCounter()
      var text = ""
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        let piece = random.text(length: .random(in: 0...200, using: &random))
        counter.add(piece.utf8Span)
        text += piece
      }
      let counts = counter.finish()
      #expect(counts == referenceCounts(text), "seed \(seed)")
    }
  }
}
