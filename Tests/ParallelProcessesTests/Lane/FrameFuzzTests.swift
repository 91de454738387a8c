import ParallelCore
import SystemPackage
import TestSupport
import Testing

@testable import ParallelProcesses

/// A reader takes any bytes whatever: it may refuse them, and must neither trap nor keep descriptors.
@Suite struct FrameFuzzTests {
  @Test func mutatedStreams() throws {
    var random = SeededRandom(for: "frame streams")
    let file = try MarkedFile()
    var refused = 0
    let count = rounds(release: 50_000)
    for round in 0..<count {
      if try !survives(stream(&random), file, &random) { refused += 1 }
      if round % 500 == 0 { #expect(file.references == 1, "round \(round) of seed \(random.seed)") }
    }
    #expect(file.references == 1, "seed \(random.seed)")
    print("FrameFuzzTests: \(refused) of \(count) streams were refused")
    // Else they were not bad enough, or not good enough.
    #expect(refused > count / 10)
    #expect(refused < count)
  }

  private func stream(_ random: inout SeededRandom) -> [UInt8] {
    let kinds: [Frame.Kind] = [.hello, .run, .end, .ready, .result, .threw, .unencodableOutput]
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      let size = [0, 1, 20, 300, 34_000].randomElement(using: &random)!
      var frame = Frame(
        kind: kinds.randomElement(using: &random)!, sequence: random.next(), value: random.next(),
        payload: (0..<min(size, 40)).map { _ in UInt8.random(in: 0...255, using: &random) }
          + Array(repeating: 0, count: max(0, size - 40))
      ).bytes
      if Int.random(in: 0..<4, using: &random) == 0 { frame[5] = UInt8.random(in: 0...3, using: &random) }
      bytes += frame
    }
    for _ in 0..<Int.random(in: 0...3, using: &random) { mutate(&bytes, &random) }
    return bytes
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
    guard !bytes.isEmpty else { return }
    // Mostly near the front, where the first header is.
    let range = Bool.random(using: &random) ? min(bytes.count, 32) : bytes.count
    let place = Int.random(in: 0..<range, using: &random)
    switch Int.random(in: 0..<5, using: &random) {
    case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[place] = .random(in: 0...255, using: &random)
    case 2: bytes.removeSubrange(place..<min(bytes.count, place + .random(in: 1...30, using: &random)))
    case 3: bytes.insert(contentsOf: (0..<5).map { _ in .random(in: 0...255, using: &random) }, at: place)
    default: bytes = Array(bytes[..<place])
    }
  }

  /// False where the reader refused it.
  private func survives(_ bytes: [UInt8], _ file: MarkedFile, _ random: inout SeededRandom) throws -> Bool {
    let lane = try LanePair()
    var rest = bytes[...]
    do {
      while !rest.isEmpty {
        let part = rest.prefix(.random(in: 1...max(1, bytes.count), using: &random))
        rest = rest.dropFirst(part.count)
        let descriptors = Bool.random(using: &random) ? 0 : Int.random(in: 0...3, using: &random)
        try lane.send(part, Array(repeating: file.descriptor, count: descriptors))
        _ = try lane.receiveAll()
      }
      lane.closeLeft()
      _ = try lane.receiveAll()
      return true
    } catch is MalformedFrame {
      return false
    }
  }
}
