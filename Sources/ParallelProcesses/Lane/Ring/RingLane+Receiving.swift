import ParallelCore
import Synchronization

extension MalformedFrame {
  fileprivate init(describing error: any Error) {
    self = error as? MalformedFrame ?? MalformedFrame("the lane failed: \(error)")
  }
}

extension RingLane {
  /// How often one event may read before others get their turn.
  private static let readsPerEvent = 16
  /// How often `drain` may read: a worker that never stops sending must not capture the reactor.
  private static let readsPerDrain = 4096
  /// How much is copied at once: enough for many small records, and for the largest.
  private static let chunkSize = 64 * 1024

  /// How a reading ended.
  private enum Outcome {
    case caughtUp
    case mayBeMore
    case ended(LaneNews)
  }

  /// On the reactor, when the worker has rung: reads and reports what has come.
  func receive() { receive(upTo: Self.readsPerEvent) }

  /// On the reactor: reads and reports what there is, to the last byte.
  func drain() { receive(upTo: Self.readsPerDrain) }

  private func receive(upTo limit: Int) {
    switch reading.withLock({ readAndSleep(.inReactor, upTo: limit) }) {
    case .caughtUp: break
    case .mayBeMore: Reactor.shared.perform { [self] in receive() }
    case .ended(let news): end(with: news)
    }
  }

  func look() {
    if hasNews { receive() }
  }

  func socketHasNews() {
    receive()
    let hasEnded = reading.withLock { isReading && !awaitsSocket && socket.hasEnded() }
    guard hasEnded else { return }
    // What it wrote before it closed the socket is in the ring.
    drain()
    reading.withLock { isReading = false }
    end(with: .ended)
  }

  /// Without the lock: the owner may close the lane at once.
  private func end(with news: LaneNews) {
    socket.stopReading()
    let report = reading.withLock { self.report }
    report(news)
  }

  /// Reads until there is nothing and the worker knows that it has to ring.
  private func readAndSleep(_ sleep: Bell.Sleep, upTo limit: Int) -> Outcome {
    for _ in 0..<limit where isReading {
      do {
        if try readOnce() { continue }
      } catch {
        isReading = false
        return .ended(error as? EndOfLane == nil ? .malformed(MalformedFrame(describing: error)) : .ended)
      }
      memory.results.bell.prepare(sleep)
      // After that: who makes room from now on rings.
      flush()
      guard consumer.hasNews, !awaitsSocket else { return .caughtUp }
      memory.results.bell.cancel()
    }
    return isReading ? .mayBeMore : .caughtUp
  }

  /// False if there was nothing. What came before an error is reported first.
  func readOnce() throws -> Bool {
    var frames: [Frame] = []
    defer { if !frames.isEmpty { report(.frames(frames)) } }
    return try read(into: &frames)
  }

  private struct EndOfLane: Error {}

  /// True also where the only record was one that announces a message by socket: that may be here already, and nothing
  /// would tell of it again.
  private func read(into frames: inout [Frame]) throws -> Bool {
    if awaitsSocket {
      switch try socket.receive() {
      case .part: return true
      case .nothingYet: return false
      case .ended: throw EndOfLane()
      case .frame(let frame):
        // By itself: it may be large, and whoever holds it should hold nothing else.
        awaitsSocket = false
        frames.append(frame)
        return true
      }
    }
    let available = try consumer.available()
    guard available > 0 else { return false }
    // Copied before it is looked at: the worker can write there at any time.
    let chunk = consumer.bytes(min(available, Self.chunkSize))
    var size = 0
    // Also where the next record makes no sense: what came before it is reported once.
    defer {
      let workerWaits = consumer.advance(by: size)
      readUpTo.store(consumer.head, ordering: .sequentiallyConsistent)
      if workerWaits { ringWorker() }
    }
    awaitsSocket = try Self.parse(chunk, isAll: chunk.count == available, &size, into: &frames)
    return true
  }

  /// Cuts a chunk into messages, as far as the one that comes by socket, which it says. `position` is how far it has
  /// come, at an error too. A record that is not complete can only be the last of a chunk that is not all.
  private static func parse(
    _ chunk: [UInt8], isAll: Bool, _ position: inout Int, into frames: inout [Frame]
  ) throws(MalformedFrame) -> Bool {
    while position < chunk.count {
      guard chunk.count - position >= FrameHeader.size else {
        guard isAll else { break }
        throw MalformedFrame("a message of \(chunk.count - position) bytes has no header")
      }
      let header = try chunk.span.bytes.withUnsafeBytes { bytes throws(MalformedFrame) in
        try FrameHeader(bytes: UnsafeRawBufferPointer(rebasing: bytes[position...]))
      }
      guard header.descriptorCount == 0, !header.isInMemory, header.length <= RingProducer.largestPayload
      else {
        throw MalformedFrame(
          "a message in a ring has \(header.length) bytes, \(header.descriptorCount) descriptors")
      }
      let end = position + FrameHeader.recordSize(payload: header.length)
      guard end <= chunk.count else {
        guard isAll else { break }
        throw MalformedFrame("a message of \(header.length) bytes was published before it was complete")
      }
      let start = position + FrameHeader.size
      position = end
      if header.kind == .overSocket { return true }
      frames.append(
        Frame(
          kind: header.kind, sequence: header.sequence, value: header.value,
          payload: chunk[start..<start + header.length]))
    }
    return false
  }
}
