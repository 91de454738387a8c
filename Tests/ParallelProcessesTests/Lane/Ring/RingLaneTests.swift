import ParallelCore
import SystemPackage
import TestSupport
import Testing

@testable import ParallelProcesses

/// Two real ends with a thread each: what one sends the other gets, whole and in order.
@Suite(.timeLimit(.minutes(10))) struct RingLaneTests {
  /// A frame that follows from the seed and its number alone.
  private func frame(_ sequence: UInt64, of kind: Frame.Kind, seed: UInt64) -> Frame {
    var random = SeededRandom(seed: seed &+ sequence)
    // Mostly small; up to what fits in a ring; beyond that, by socket.
    let most = [40, 40, 40, 400, 400, 4000, RingProducer.largestPayload, 200_000][
      Int.random(in: 0..<8, using: &random)]
    let count = Bool.random(using: &random) ? Int.random(in: 0...most, using: &random) : most
    let payload = [UInt8](unsafeUninitializedCapacity: max(8, count)) { bytes, initialized in
      for index in 0..<max(8, count) { bytes[index] = UInt8(truncatingIfNeeded: index &+ Int(sequence)) }
      initialized = max(8, count)
    }
    return Frame(kind: kind, sequence: sequence, value: random.next(), payload: payload.prefix(count))
  }

  private func echo(_ channel: WorkerChannel) {
    while true {
      if var frame = channel.takeFrame() {
        frame.kind = .result
        channel.send(frame)
      } else if channel.isAtEnd {
        return
      } else {
        channel.waitForNews { false }
      }
    }
  }

  @Test func `every message comes back, whatever its size`() async throws {
    let ends = try LaneEnds()
    let seed = SeededRandom(for: "messages there and back").seed
    let count = UInt64(rounds(release: 20_000))
    ends.activate()
    async let worker: Void = onThread { echo(try ends.channel()) }
    var random = SeededRandom(seed: seed)
    var sequence: UInt64 = 0
    while sequence < count {
      for _ in 0..<min(Int.random(in: 1...30, using: &random), Int(count - sequence)) {
        sequence += 1
        ends.lane.post(frame(sequence, of: .run, seed: seed))
      }
      ends.lane.flush()
      // What is under way stays within some megabytes.
      let sent = sequence
      try await eventually("answers come") { sent - UInt64(ends.news.frames.count) < 200 }
    }
    try await eventually("all answers are there") { ends.news.frames.count == Int(count) }
    for (index, answer) in ends.news.frames.enumerated() {
      let expected = frame(UInt64(index) + 1, of: .result, seed: seed)
      guard answer.summary != expected.summary else { continue }
      Issue.record("answer \(index + 1) of seed \(seed) is wrong")
      break
    }
    ends.lane.endSending()
    try await worker
    await ends.close()
  }

  @Test func `a worker waits while its ring is full, and goes on`() async throws {
    let ends = try LaneEnds()
    let one = Frame(kind: .result, payload: [UInt8](repeating: 7, count: 8000))
    let size = FrameHeader.recordSize(payload: 8000)
    let count = 3 * SharedRing.capacity / size
    async let worker: Void = onThread {
      let channel = try ends.channel()
      for _ in 0..<count { channel.send(one) }
    }
    try await eventually("the ring is full") { ends.memory.results.tail > SharedRing.capacity - size }
    ends.activate()
    try await worker
    try await eventually("all has come") { ends.news.frames.count == count }
    #expect(ends.news.frames.allSatisfy { $0.summary == one.summary })
    await ends.close()
  }

  @Test func `what finds no room is sent when there is some`() async throws {
    let ends = try LaneEnds()
    ends.activate()
    let one = Frame(kind: .run, payload: [UInt8](repeating: 9, count: 8000))
    let count = 3 * SharedRing.capacity / FrameHeader.recordSize(payload: 8000)
    for _ in 0..<count { ends.lane.post(one) }
    ends.lane.flush()
    #expect(ends.memory.requests.tail <= SharedRing.capacity)
    async let worker: Void = onThread { echo(try ends.channel()) }
    try await eventually("all came back") { ends.news.frames.count == count }
    ends.lane.endSending()
    try await worker
    await ends.close()
  }

  @Test func `descriptors come with their messages`() async throws {
    let ends = try LaneEnds()
    ends.activate()
    let file = try MarkedFile()
    let count = rounds(release: 1000) + 20
    let worker = Guarded<[Frame]>([])
    async let receiving: Void = onThread {
      let channel = try ends.channel()
      while !channel.isAtEnd {
        if let frame = channel.takeFrame() {
          worker.withLock { $0.append(frame) }
        } else if !channel.isAtEnd {
          channel.waitForNews { false }
        }
      }
    }
    for number in 0..<count {
      let copies = try PassedDescriptors.duplicating(Array(repeating: file.descriptor, count: number % 3))
      ends.lane.post(
        Frame(kind: .run, sequence: UInt64(number), payload: [1, 2, 3], descriptors: copies))
      ends.lane.flush()
    }
    // The end is for a worker that has been sent everything.
    try await eventually("all have come") { worker.withLock { $0.count } == count }
    ends.lane.endSending()
    try await receiving
    worker.withLock { frames in
      #expect(frames.map(\.sequence) == (0..<UInt64(count)).map { $0 })
      #expect(frames.enumerated().allSatisfy { $1.descriptors?.all.count ?? 0 == $0 % 3 })
      #expect(frames.allSatisfy { $0.descriptors?.all.allSatisfy(file.refersHere) ?? true })
      frames = []
    }
    await ends.close()
    #expect(file.references == 1)
  }
}
