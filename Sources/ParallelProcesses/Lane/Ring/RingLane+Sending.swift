import DequeModule
import ParallelCore

extension RingLane {
  func post(_ frame: Frame) {
    outgoing.withLock { outgoing in
      guard !outgoing.isClosed else { return }
      if outgoing.waiting.isEmpty, write(frame, &outgoing) { return }
      outgoing.waiting.append(frame)
    }
  }

  /// False if there is no room now.
  private func write(_ frame: Frame, _ outgoing: inout Outgoing) -> Bool {
    var header = FrameHeader(frame)
    let fits = frame.fitsRing
    if !fits { header = header.overSocket }
    do throws(MalformedFrame) {
      let isWritten = try frame.payload.span.bytes.withUnsafeBytes { payload throws(MalformedFrame) in
        try outgoing.producer.write(header, fits ? payload : UnsafeRawBufferPointer(start: nil, count: 0))
      }
      guard isWritten else { return false }
    } catch {
      // The worker's memory is not what it should be. Its end is the event that tells the pool.
      outgoing.isClosed = true
      outgoing.waiting = []
      socket.endStream()
      return true
    }
    if !fits { socket.append(frame) }
    return true
  }

  /// Publishes what was posted, as far as there is room; the worker rings for the rest when it has made some.
  func flush() {
    let hasNews = outgoing.withLock { outgoing in
      moveWaiting(&outgoing)
      var hasNews = outgoing.producer.publish()
      if !outgoing.waiting.isEmpty {
        outgoing.producer.askForRoom()
        // It may have made some just before.
        moveWaiting(&outgoing)
        if outgoing.producer.publish() { hasNews = true }
      }
      return hasNews
    }
    guard hasNews else { return }
    ringWorker()
    socket.flush()
  }

  private func moveWaiting(_ outgoing: inout Outgoing) {
    while let frame = outgoing.waiting.first, write(frame, &outgoing) { outgoing.waiting.removeFirst() }
  }
}

extension Frame {
  /// Whether it travels in a ring, rather than over the socket.
  var fitsRing: Bool { descriptors == nil && memory == nil && payload.count <= RingProducer.largestPayload }
}

extension FrameHeader {
  /// What a ring gets in place of a frame that travels over the socket.
  var overSocket: FrameHeader {
    FrameHeader(length: 0, kind: .overSocket, descriptorCount: 0, sequence: sequence, value: 0)
  }
}
