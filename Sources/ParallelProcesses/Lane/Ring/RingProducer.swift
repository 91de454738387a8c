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
    let size = FrameHeader.recordSize(payload: payload.count)
    guard try hasRoom(for: size) else { return false }
    header.withBytes { ring.write($0, at: tail) }
    ring.write(payload, at: tail + UInt64(FrameHeader.size))
    tail += UInt64(size)
    return true
  }

  /// The same for a message that is not in one piece yet.
  mutating func write(
    _ header: FrameHeader, _ message: borrowing PendingMessage
  ) throws(MalformedFrame) -> Bool {
    let start = tail + UInt64(FrameHeader.size)
    guard let room = ring.room(for: message.byteCount, at: start) else {
      return try write(header, message.bytes())
    }
    let size = FrameHeader.recordSize(payload: message.byteCount)
    guard try hasRoom(for: size) else { return false }
    header.withBytes { ring.write($0, at: tail) }
    message.write(to: room)
    tail += UInt64(size)
    return true
  }

  private mutating func write(_ header: FrameHeader, _ payload: [UInt8]) throws(MalformedFrame) -> Bool {
    try payload.span.bytes.withUnsafeBytes { bytes throws(MalformedFrame) in try write(header, bytes) }
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
