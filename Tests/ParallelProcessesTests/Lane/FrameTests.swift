import ParallelCore
import SystemPackage
import Testing

@testable import ParallelProcesses

@Suite struct FrameTests {
  private static let sizes = [
    0, 1, 23, 24, 25, 16_383, 16_384, 16_385, 32_743, 32_744, 32_767, 32_768, 32_769, 65_511, 65_512, 65_535,
    65_536,
    65_537, 200_000, 20 << 20,
  ]

  private func payload(_ count: Int) -> [UInt8] {
    // Made of copies, because making a byte at a time takes minutes under the thread sanitizer. The length of the
    // pattern is prime, so that no boundary of pages or buffers falls on the same bytes again.
    let pattern = (0..<4_099).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count { bytes.append(contentsOf: pattern.prefix(count - bytes.count)) }
    return bytes
  }

  @Test(arguments: sizes) func arrivesAsItWasSent(size: Int) throws {
    let lane = try LanePair()
    let frame = Frame(kind: .run, sequence: .max, value: 1 << 63, payload: payload(size))
    lane.outbox.append(frame)
    let received = try lane.transfer()
    #expect(received.count == 1)
    #expect(received.first?.summary == frame.summary)
    #expect(lane.outbox.isEmpty)
  }

  @Test func sizesOfAllKindsInARow() throws {
    let lane = try LanePair()
    let frames = (Self.sizes + Self.sizes.reversed()).enumerated().map { index, size in
      Frame(kind: .result, sequence: UInt64(index), payload: payload(size))
    }
    frames.forEach { lane.outbox.append($0) }
    let received = try lane.transfer()
    #expect(received.map(\.summary) == frames.map(\.summary))
  }

  @Test func manySmallOnesTravelTogether() throws {
    let lane = try LanePair()
    for number in 0..<2_000 as Range<UInt64> {
      lane.outbox.append(Frame(kind: .run, sequence: number, payload: [1, 2]))
    }
    #expect(lane.outbox.flush(to: lane.left) == .everythingSent)
    let (frames, _) = try lane.receive()
    #expect(frames.count > 1_000)
    let rest = try lane.receiveAll()
    #expect((frames + rest).map(\.sequence) == Array(0..<2_000))
  }

  @Test func isTheSameWhereverTheBytesAreCut() throws {
    let frames = [
      Frame(kind: .hello, payload: [1, 2, 3]), Frame(kind: .end),
      Frame(kind: .threw, sequence: 7, payload: [9]),
    ]
    let bytes = frames.flatMap(\.bytes)
    for cut in 0...bytes.count {
      let lane = try LanePair()
      try lane.send(bytes[..<cut])
      let first = cut == 0 ? [] : try lane.receiveAll()
      try lane.send(bytes[cut...])
      let rest = try lane.receiveAll()
      #expect((first + rest).map(\.summary) == frames.map(\.summary), "cut at \(cut)")
    }
    let lane = try LanePair()
    var received: [Frame] = []
    for byte in bytes {
      try lane.send([byte])
      received += try lane.receiveAll()
    }
    #expect(received.map(\.summary) == frames.map(\.summary))
  }

  @Test func aLargeOneMayComeByteByByteAtItsEdges() throws {
    let frames = [
      Frame(kind: .run, payload: payload(40_000)), Frame(kind: .end),
      Frame(kind: .run, payload: payload(33_000)),
    ]
    let bytes = frames.flatMap(\.bytes)
    for cut in [1, 23, 24, 25, 40_023, 40_024, 40_025, 40_047, 40_048, 40_049, 40_072, bytes.count - 1] {
      let lane = try LanePair()
      try lane.send(bytes[..<cut])
      let first = try lane.receiveAll()
      try lane.send(bytes[cut...])
      let rest = try lane.receiveAll()
      #expect((first + rest).map(\.summary) == frames.map(\.summary), "cut at \(cut)")
    }
  }

  @Test func aFullSocketTakesTheRestLater() throws {
    let lane = try LanePair()
    let frames = (0..<3 as Range<UInt64>).map { Frame(kind: .run, sequence: $0, payload: payload(2 << 20)) }
    frames.forEach { lane.outbox.append($0) }
    #expect(lane.outbox.flush(to: lane.left) == .socketIsFull)
    #expect(lane.outbox.flush(to: lane.left) == .socketIsFull)
    lane.outbox.append(Frame(kind: .end))
    let received = try lane.transfer()
    #expect(received.map(\.summary) == frames.map(\.summary) + [Frame(kind: .end).summary])
    #expect(lane.outbox.flush(to: lane.left) == .everythingSent)
  }

  @Test func theEndOfTheStreamIsReported() throws {
    let lane = try LanePair()
    let before = try lane.receive()
    #expect(before.progress == .nothingYet)
    try lane.send(Frame(kind: .run, payload: [1, 2, 3]).bytes.dropLast())
    lane.closeLeft()
    let frames = try lane.receiveAll()
    #expect(frames.isEmpty)
    let after = try lane.receive()
    #expect(after.progress == .ended)
  }

  // MARK: Malformed

  private func expectMalformed(_ bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) throws {
    let lane = try LanePair()
    try lane.send(bytes)
    #expect(throws: MalformedFrame.self, sourceLocation: sourceLocation) { try lane.receiveAll() }
  }

  @Test(arguments: [0, 7, 63, 71, 127, 255] as [UInt8]) func anUnknownKind(kind: UInt8) throws {
    var bytes = Frame(kind: .run).bytes
    bytes[4] = kind
    try expectMalformed(bytes)
  }

  @Test(arguments: [6, 7]) func aReservedByte(index: Int) throws {
    var bytes = Frame(kind: .run).bytes
    bytes[index] = 1
    try expectMalformed(bytes)
  }

  @Test(arguments: [1, 64, 255] as [UInt8]) func descriptorsThatDidNotCome(count: UInt8) throws {
    var bytes = Frame(kind: .run, payload: [1]).bytes
    bytes[5] = count
    try expectMalformed(bytes)
  }

  @Test func aHugeLengthIsNotBelievedBeforeItsBytesCome() throws {
    let lane = try LanePair()
    var bytes = Frame(kind: .run).bytes
    for index in 0..<4 { bytes[index] = 0xFF }
    try lane.send(bytes + [1, 2, 3])
    let frames = try lane.receiveAll()
    #expect(frames.isEmpty)
    try lane.send([4])
    let more = try lane.receiveAll()
    #expect(more.isEmpty)
  }
}
