import ParallelCore
import SystemPackage

/// The worker's end of its lane. Only the lane thread touches it. Protocol: Ring.md.
final class WorkerChannel {
  private let memory: LaneMemory
  private let socket: FileDescriptor
  private let doorbell: FileDescriptor
  private var consumer: RingConsumer
  private var producer: RingProducer
  private var socketReader = FrameReader()
  /// What it may is said in the handshake.
  var spin = IdleSpin(isAllowed: false)
  /// No more will come: the parent has closed its end, or what it sends makes no sense.
  private(set) var isAtEnd = false

  /// Owns both descriptors from here on. `doorbell` is what the parent's reactor waits for.
  init(_ memory: LaneMemory, closing socket: FileDescriptor, _ doorbell: FileDescriptor) {
    self.memory = memory
    self.socket = socket
    self.doorbell = doorbell
    consumer = RingConsumer(memory.requests)
    producer = RingProducer(memory.results)
  }

  /// What wakes the lane thread.
  var bell: Bell { memory.requests.bell }

  deinit {
    SystemCalls.close(doorbell)
    SystemCalls.close(socket)
  }

  // MARK: In

  /// The next message, if there is one.
  func takeFrame() -> Frame? {
    guard !isAtEnd else { return nil }
    do {
      if consumer.hasNews { return try readFrame() }
    } catch {
      isAtEnd = true
      return nil
    }
    // In this order: what was sent before the end is there when the end can be seen.
    if memory.isClosed, !consumer.hasNews { isAtEnd = true }
    return nil
  }

  /// The parent publishes whole records only; but what the worker's own task has scribbled over may look like anything.
  private func readFrame() throws -> Frame {
    let available = try consumer.available()
    guard available >= FrameHeader.size else { throw MalformedFrame("a message has no header") }
    let header = try withUnsafeTemporaryAllocation(byteCount: FrameHeader.size, alignment: 8) { bytes in
      consumer.copy(into: bytes)
      return try FrameHeader(bytes: UnsafeRawBufferPointer(bytes))
    }
    let size = FrameHeader.recordSize(payload: header.length)
    guard size <= available else { throw MalformedFrame("a message is not complete") }
    let payload = consumer.bytes(header.length, from: FrameHeader.size)
    if consumer.advance(by: size) { ringParent() }
    if header.kind == .overSocket { return try receiveFrame() }
    return Frame(kind: header.kind, sequence: header.sequence, value: header.value, payload: payload)
  }

  /// Waits for it: the parent has begun to send it.
  private func receiveFrame() throws -> Frame {
    while true {
      if let frame = try socketReader.next() { return frame }
      switch try socketReader.receive(from: socket) {
      case .received, .receivedAll: continue
      case .nothingYet: SystemCalls.waitForInput(socket)
      case .ended: throw MalformedFrame("the parent has closed the lane")
      }
    }
  }

  /// Sleeps until the parent has sent something, or somebody has rung and `hasOther` is true.
  func waitForNews(or hasOther: () -> Bool) {
    func isAwaited() -> Bool { consumer.hasNews || hasOther() || memory.isClosed }
    if spin.spin(until: isAwaited) { return }
    bell.prepare(.onWord)
    while !isAwaited() {
      bell.sleep()
      bell.prepare(.onWord)
    }
    bell.cancel()
  }

  // MARK: Out

  /// Sends a message; waits while the parent is slow to read.
  func send(_ frame: Frame) {
    let fits = frame.fitsRing
    let header = fits ? FrameHeader(frame) : FrameHeader(frame).overSocket
    frame.payload.withUnsafeBytes { payload in
      let inRing = fits ? payload : UnsafeRawBufferPointer(start: nil, count: 0)
      do throws(MalformedFrame) {
        while try !producer.write(header, inRing) { try waitForRoom(for: header) }
      } catch {
        // The parent never claims to have read what was not written.
        return giveUp()
      }
      _ = producer.publish()
      ringParent()
      if !fits { sendOverSocket(frame, payload) }
    }
  }

  /// Sends a message that fits into a ring, from where it was encoded. The parent can see it; whether it is woken is up to
  /// the caller, who has to call `ringParent` before it sleeps.
  func sendQuietly(_ header: FrameHeader, _ message: borrowing PendingMessage) {
    do throws(MalformedFrame) {
      while try !producer.write(header, message) { try waitForRoom(for: header) }
    } catch {
      return giveUp()
    }
    _ = producer.publish()
  }

  /// The lane makes no sense: a task has scribbled over it.
  func giveUp() { isAtEnd = true }

  private func waitForRoom(for header: FrameHeader) throws(MalformedFrame) {
    let size = FrameHeader.recordSize(payload: header.length)
    ringParent()
    bell.prepare(.onWord)
    producer.askForRoom()
    while try !producer.hasRoom(for: size) {
      bell.sleep()
      bell.prepare(.onWord)
      producer.askForRoom()
    }
    bell.cancel()
  }

  private func sendOverSocket(_ frame: Frame, _ payload: UnsafeRawBufferPointer) {
    let descriptors = (frame.memory?.descriptor).map { [$0] } ?? frame.descriptors?.all ?? []
    FrameHeader(frame).withBytes { header in
      var sent = 0
      while sent < header.count + payload.count {
        let head = UnsafeRawBufferPointer(rebasing: header[min(sent, header.count)...])
        let body = UnsafeRawBufferPointer(rebasing: payload[max(0, sent - header.count)...])
        do throws(Errno) {
          sent += try SystemCalls.send(
            socket, head: head, body: body, descriptors: sent == 0 ? descriptors : [],
            blocking: true)
        } catch {
          if error.isShortage {
            SystemCalls.pause(milliseconds: 10)
            continue
          }
          // The parent has gone, and this process with it.
          isAtEnd = true
          return
        }
      }
    }
  }

  /// Wakes the parent, if it sleeps.
  func ringParent() {
    memory.results.bell.ring { SystemCalls.ring(doorbell) }
  }
}
