/// The reading end of a ring, for one thread at a time.
struct RingConsumer {
  private let ring: SharedRing
  private(set) var head: UInt64 = 0

  init(_ ring: SharedRing) { self.ring = ring }

  /// Whether the producer has published something.
  @inline(__always)
  var hasNews: Bool { ring.tail != head }

  /// How many bytes there are. Throws if the producer claims more than fit, or less than it did.
  func available() throws(MalformedFrame) -> Int {
    let tail = ring.tail
    guard tail >= head, tail - head <= UInt64(SharedRing.capacity) else {
      throw MalformedFrame("it claims to have written up to \(tail), of which \(head) bytes were read")
    }
    return Int(tail - head)
  }

  /// Copies the bytes that follow the first `offset` unread ones; they must be available.
  func copy(from offset: Int = 0, into target: UnsafeMutableRawBufferPointer) {
    ring.read(target, at: head + UInt64(offset))
  }

  /// A copy of `count` bytes that follow the first `offset` unread ones; they must be available.
  func bytes(_ count: Int, from offset: Int = 0) -> [UInt8] {
    // The standard library would write to the array that all empty ones share.
    guard count > 0 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      copy(
        from: offset,
        into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(target)[..<count]))
      initialized = count
    }
  }

  /// Gives the first `count` unread bytes back to the producer; true if it waits for room, and then the caller has to
  /// wake it.
  mutating func advance(by count: Int) -> Bool {
    head += UInt64(count)
    ring.setHead(head)
    return ring.producerWaitsForRoom()
  }
}
