import ParallelCore

/// The writing end of a ring, for one thread at a time.
struct RingProducer {
  /// The largest payload that goes through a ring.
  static let largestPayload = SharedRing.capacity / 8 - FrameHeader.size

  private let ring: SharedRing
  /// How far was written, and how far of that is published.
  private var tail: UInt64 = 0
  private var published: UInt64 = 0
  /// How far the consumer had read when it was last asked.
  private var head: UInt64 = 0

  init(_ ring: SharedRing) { self.ring = ring }

  /// Writes a record, which `publish` makes known. Returns false if there is no room for it; throws if the consumer
  /// claims to have read what was never written.
  mutating func write(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer) throws(MalformedFrame) -> Bool
  {
    try write(header, payload.count) { [ring] position in ring.write(payload, at: position) }
  }

  /// The same for a message that is not in one piece yet.
  mutating func write(
    _ header: FrameHeader, _ message: borrowing PendingMessage
  ) throws(MalformedFrame) -> Bool {
    try write(header, message.byteCount) { [ring] position in
      if let room = ring.room(for: message.byteCount, at: position) {
        message.write(to: room)
      } else {
        message.bytes().withUnsafeBytes { ring.write($0, at: position) }
      }
    }
  }

  @inline(__always)
  private mutating func write(
    _ header: FrameHeader, _ byteCount: Int, _ writePayload: (UInt64) -> Void
  ) throws(MalformedFrame) -> Bool {
    let size = FrameHeader.recordSize(payload: byteCount)
    guard try hasRoom(for: size) else { return false }
    header.withBytes { ring.write($0, at: tail) }
    writePayload(tail + UInt64(FrameHeader.size))
    tail += UInt64(size)
    return true
  }

  /// Whether so many bytes can be written.
  mutating func hasRoom(for size: Int) throws(MalformedFrame) -> Bool {
    if tail - head + UInt64(size) <= UInt64(SharedRing.capacity) { return true }
    let claimed = ring.head
    guard claimed >= head, claimed <= published else {
      throw MalformedFrame("it claims to have read up to \(claimed) of \(published) bytes")
    }
    head = claimed
    return tail - head + UInt64(size) <= UInt64(SharedRing.capacity)
  }

  /// Makes known what was written; true if there was anything. The caller then rings the consumer's bell.
  mutating func publish() -> Bool {
    guard published != tail else { return false }
    published = tail
    ring.setTail(tail)
    return true
  }

  /// Asks to be woken when the consumer has read something. To be followed by another look for room.
  func askForRoom() { ring.askForRoom() }
}

extension FrameHeader {
  /// What a record takes in a ring.
  static func recordSize(payload count: Int) -> Int { (size + count + 7) & ~7 }
}
