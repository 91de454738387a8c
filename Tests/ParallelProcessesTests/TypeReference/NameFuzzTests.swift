import TestSupport
import Testing

@testable import ParallelProcesses

@Suite struct NameFuzzTests {
  private static let printable = Array(UInt8(0x21)...0x7E)

  /// What accepted names are made of, so that many of the made-up ones get past our own check.
  private static let accepted = Array("SsigyGVOCEtcpmKYQPabAaBCl_0123".utf8)

  private func tryBoth(_ bytes: [UInt8]) {
    let reference = TypeReference(node: .name(String(decoding: bytes, as: UTF8.self)))
    _ = try? reference.resolve(trusting: .worker)
    _ = try? reference.resolve(trusting: .parent)
  }

  @Test func `random names never crash`() {
    var random = SeededRandom(for: "random names")
    for _ in 0..<rounds(release: 100_000) {
      let letters = Bool.random(using: &random) ? Self.printable : Self.accepted
      let count = Int.random(in: 0..<40, using: &random)
      tryBoth((0..<count).map { _ in letters.randomElement(using: &random)! })
    }
  }

  @Test func `changed names never crash`() throws {
    var random = SeededRandom(for: "changed names")
    let originals = try namedTypes.map { type throws in Array(try #require(_mangledTypeName(type)).utf8) }
    for _ in 0..<rounds(release: 100_000) {
      var bytes = originals.randomElement(using: &random)!
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        mutate(&bytes, originals.randomElement(using: &random)!, &random)
      }
      tryBoth(bytes)
    }
  }

  private func mutate(_ bytes: inout [UInt8], _ other: [UInt8], _ random: inout SeededRandom) {
    let place = Int.random(in: 0...bytes.count, using: &random)
    switch Int.random(in: 0..<4, using: &random) {
    case 0 where place < bytes.count: bytes[place] = Self.accepted.randomElement(using: &random)!
    case 1 where place < bytes.count: bytes.remove(at: place)
    case 2: bytes.insert(Self.printable.randomElement(using: &random)!, at: place)
    default: bytes.insert(contentsOf: other, at: place)
    }
  }
}
