import ParallelCore
import SystemPackage
import TestSupport
import Testing

@testable import ParallelProcesses

/// Messages that the ring announces and the socket brings.
@Suite(.timeLimit(.minutes(10))) struct SocketMessageTests {
  @Test func `a message that came before its announcement was read is not forgotten`() async throws {
    try Reactor.shared.start()
    let (own, other) = try SystemCalls.socketPair()
    defer { SystemCalls.close(other) }
    let memory = LaneMemory(unmapping: try SystemCalls.mapPrivate(size: LaneMemory.size))
    let lane = RingLane(memory, closing: own)
    let payloads = Guarded<[[UInt8]]>([])
    Reactor.shared.perform {
      try? lane.activate { news in
        guard case .frames(let frames) = news else { return }
        payloads.withLock { $0 += frames.map { Array($0.payload) } }
      }
    }
    let frame = Frame(kind: .result, sequence: 1, payload: [1, 2, 3])
    try frame.bytes.withUnsafeBytes { bytes in
      _ = try SystemCalls.send(other, head: bytes, body: .init(start: nil, count: 0), blocking: true)
    }
    // Into the reader's buffer: from here on the socket is silent.
    try await eventually("the bytes were taken") { SystemCalls.availableBytes(own) == 0 }

    var producer = RingProducer(memory.results)
    let isWritten = try producer.write(FrameHeader(frame).overSocket, .init(start: nil, count: 0))
    let isPublished = producer.publish()
    #expect(isWritten && isPublished)
    Reactor.shared.perform { lane.receive() }
    try await eventually("the message is there") { payloads.withLock { $0 } == [[1, 2, 3]] }
    Reactor.shared.perform { lane.close() }
  }
}
