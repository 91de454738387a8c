import ParallelCore
import SystemPackage
import TestSupport
import Testing

@testable import ParallelProcesses

/// The memory of a lane after one end, or a task in the worker, has written nonsense there.
@Suite(.timeLimit(.minutes(10))) struct HostileRingTests {
  // MARK: What the parent reads

  @Test func `what came before the nonsense is reported, once and whole`() throws {
    var random = SeededRandom(for: "nonsense in a ring")
    var refused = 0
    let count = rounds(release: 20_000)
    for round in 0..<count where try refuses(&random, round) { refused += 1 }
    print("HostileRingTests: \(refused) of \(count) rings were refused")
    // Else they were not bad enough, or not good enough.
    #expect(refused > count / 10)
    #expect(refused < count)
  }

  /// One ring with some good records, of which some bytes are then changed.
  private func refuses(_ random: inout SeededRandom, _ round: Int) throws -> Bool {
    let ends = try LaneEnds()
    ends.listen()
    var frames: [Frame] = []
    var bytes: [UInt8] = []
    // The last byte of each, rounded up.
    var frameEnds: [Int] = []
    for sequence in 0..<UInt64.random(in: 1...8, using: &random) {
      let size = [0, 1, 8, 300].randomElement(using: &random)!
      let frame = Frame(
        kind: .result, sequence: sequence, value: random.next(), payload: [UInt8](repeating: 1, count: size))
      frames.append(frame)
      bytes += frame.bytes
      bytes += [UInt8](repeating: 0, count: FrameHeader.recordSize(payload: size) - frame.bytes.count)
      frameEnds.append(bytes.count)
    }
    var firstChange = bytes.count
    for _ in 0..<Int.random(in: 0...2, using: &random) {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      bytes[place] = .random(in: 0...255, using: &random)
      firstChange = min(firstChange, place)
    }
    var claimed = UInt64(bytes.count)
    switch Int.random(in: 0..<8, using: &random) {
    case 0: claimed = random.next()
    case 1: claimed = UInt64.random(in: 0...claimed, using: &random)
    case 2: claimed += UInt64.random(in: 0...UInt64(2 * SharedRing.capacity), using: &random)
    default: break
    }
    bytes.withUnsafeBytes { ends.memory.results.write($0, at: 0) }
    ends.memory.results.setTail(claimed)

    // A thread that waits may find it first.
    if Bool.random(using: &random) { _ = ends.lane.readDirectly() }
    ends.lane.receive()
    let news = ends.news
    let isPossible = claimed <= UInt64(SharedRing.capacity)
    let intact = isPossible ? frameEnds.count { $0 <= min(firstChange, Int(claimed)) } : 0
    #expect(
      news.frames.prefix(intact).map(\.summary) == frames.prefix(intact).map(\.summary),
      "round \(round) of seed \(random.seed)")
    #expect(isPossible || news.malformed != nil, "round \(round) of seed \(random.seed)")
    ends.lane.close()
    return news.malformed != nil
  }

  @Test func `a tail that goes back ends the lane`() throws {
    let ends = try LaneEnds()
    ends.listen()
    let frame = Frame(kind: .result, payload: [])
    frame.bytes.withUnsafeBytes { ends.memory.results.write($0, at: 0) }
    ends.memory.results.setTail(UInt64(FrameHeader.size))
    ends.lane.receive()
    ends.memory.results.setTail(8)
    ends.lane.receive()
    #expect(ends.news.frames.count == 1 && ends.news.malformed != nil)
    ends.lane.close()
  }

  @Test func `descriptors without a message end the lane`() async throws {
    let ends = try LaneEnds()
    ends.activate()
    let file = try MarkedFile()
    var hasEnded = false
    let many = Array(repeating: file.descriptor, count: SystemCalls.maxPassedDescriptors)
    for _ in 0..<100 where !hasEnded {
      try [UInt8](repeating: 0, count: 1).withUnsafeBytes { byte in
        _ = try SystemCalls.send(
          ends.socket, head: byte, body: .init(start: nil, count: 0), descriptors: many, blocking: true)
      }
      try await eventually("it was read") {
        hasEnded = ends.news.hasEnded
        return hasEnded || SystemCalls.availableBytes(ends.socket) == 0
      }
    }
    try await eventually("the end was reported") { ends.news.hasEnded }
    await ends.close()
  }

  // MARK: What the parent writes

  @Test func `a head that was never reached closes the worker's stream`() throws {
    for head in [1, UInt64(SharedRing.capacity), .max] {
      let ends = try LaneEnds()
      ends.memory.requests.setHead(head)
      let large = Frame(kind: .run, payload: [UInt8](repeating: 1, count: 8000))
      for _ in 0..<2 * SharedRing.capacity / 8000 { ends.lane.post(large) }
      ends.lane.flush()
      // The worker sees the end, and ends.
      var byte: UInt8 = 0
      let count = try withUnsafeMutableBytes(of: &byte) { try ends.socket.read(into: $0) }
      #expect(count == 0, "\(head)")
      ends.lane.close()
    }
  }

  // MARK: What a worker meets

  @Test func `a worker ends where its requests make no sense`() async throws {
    let header = FrameHeader(length: 1 << 20, kind: .run, descriptorCount: 0, sequence: 1, value: 1)
    let unknown: [UInt8] = [0, 0, 0, 0, 200] + [UInt8](repeating: 0, count: 19)
    let settings: [([UInt8], UInt64)] = [
      (header.withBytes { Array($0) }, 24), (unknown, 24), ([1, 2, 3], 8), ([], UInt64.max),
      ([], UInt64(SharedRing.capacity) + 1),
    ]
    for (bytes, tail) in settings {
      let ends = try LaneEnds()
      bytes.withUnsafeBytes { ends.memory.requests.write($0, at: 0) }
      ends.memory.requests.setTail(tail)
      try await onThread {
        let channel = try ends.channel()
        #expect(channel.takeFrame() == nil)
        #expect(channel.isAtEnd)
      }
      ends.lane.close()
    }
  }

  @Test func `a worker ends where its answers find no sensible room`() async throws {
    for head in [UInt64(SharedRing.capacity), .max] {
      let ends = try LaneEnds()
      ends.memory.results.setHead(head)
      try await onThread {
        let channel = try ends.channel()
        let answer = Frame(kind: .result, payload: [UInt8](repeating: 1, count: 8000))
        for _ in 0..<2 * SharedRing.capacity / 8000 where !channel.isAtEnd { channel.send(answer) }
        #expect(channel.isAtEnd)
      }
      ends.lane.close()
    }
  }
}
