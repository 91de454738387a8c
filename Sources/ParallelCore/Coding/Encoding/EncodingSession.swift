internal import SystemPackage

/// What all frames of one message share: the key table, the descriptors, the limits.
final class EncodingSession {
  let limits: MessageLimits
  let userInfo: [CodingUserInfoKey: any Sendable]
  private(set) var descriptors: [FileDescriptor] = []
  /// A mistake made in a call that can't throw, or found too late to; thrown at the end.
  private(set) var failure: (any Error)?

  /// The message's value, except for nested containers that are still open.
  let body = ByteBuffer(capacity: 256)

  // A message is coded by one thread, and no access to these members calls out while it lasts: so they go
  // without the exclusivity checks at run time, which took a tenth of the time of a small message.
  @exclusivity(unchecked) private var keys: [String] = []
  @exclusivity(unchecked) private var keyNumbers: [String: Int] = [:]
  @exclusivity(unchecked) private var keyTableByteCount = 0
  /// The key that probably comes next: the one after the last.
  @exclusivity(unchecked) private var expectedKey = 0

  @exclusivity(unchecked) private var spareFrame: EncodingFrame?
  @exclusivity(unchecked) private var spareBuffers: [ByteBuffer] = []

  init(limits: MessageLimits, userInfo: [CodingUserInfoKey: any Sendable]) {
    self.limits = limits
    self.userInfo = userInfo
  }

  func fail(_ error: @autoclosure () -> any Error) {
    if failure == nil { failure = error() }
  }

  /// Lets go of what refers back to the session.
  func end() {
    // One by one: a long list that went at once would release its links recursively.
    while let frame = spareFrame {
      spareFrame = frame.nextSpare
      frame.nextSpare = nil
    }
    spareBuffers.removeAll()
  }
}

// MARK: - Keys

extension EncodingSession {
  /// The number of a key, which is added to the table when it is met for the first time.
  @inline(__always)
  func number(of key: String) -> Int {
    if expectedKey < keys.count, keys[expectedKey] == key {
      defer { expectedKey += 1 }
      return expectedKey
    }
    return search(for: key)
  }

  @inline(never)
  private func search(for key: String) -> Int {
    let number = find(key) ?? add(key)
    expectedKey = number + 1
    return number
  }

  private func find(_ key: String) -> Int? {
    keys.count <= Self.longestScan ? keys.firstIndex(of: key) : keyNumbers[key]
  }

  private func add(_ key: String) -> Int {
    let number = keys.count
    if number == 0 { keys.reserveCapacity(8) }
    keys.append(key)
    let byteCount = key.utf8.count
    keyTableByteCount += ByteBuffer.variableSize(byteCount) + byteCount
    if keys.count > Self.longestScan {
      if keyNumbers.isEmpty {
        for (number, key) in keys.enumerated() { keyNumbers[key] = number }
      } else {
        keyNumbers[key] = number
      }
    }
    return number
  }

  private static let longestScan = 16
}

// MARK: - Descriptors

extension EncodingSession {
  /// Duplicates a descriptor into the message; the result is its index.
  func add(_ descriptor: FileDescriptor) throws -> UInt32 {
    guard descriptors.count < limits.descriptorCount else {
      throw Malformed("The message has more file descriptors than the limit allows.")
    }
    descriptors.append(try SystemCalls.duplicate(descriptor))
    return UInt32(descriptors.count - 1)
  }

  func closeDescriptors() {
    descriptors.forEach(SystemCalls.close)
    descriptors = []
  }
}

// MARK: - Frames and buffers

extension EncodingSession {
  @inline(__always)
  func makeFrame(in buffer: ByteBuffer, under parent: EncodingFrame?, key: (any CodingKey)?) -> EncodingFrame
  {
    let frame: EncodingFrame
    if let spare = spareFrame {
      spareFrame = spare.nextSpare
      spare.nextSpare = nil
      frame = spare
    } else {
      frame = EncodingFrame(session: self)
    }
    frame.start(in: buffer, under: parent, key: key)
    return frame
  }

  /// Keeps a closed frame for the next value, unless someone still holds a container of it.
  @inline(__always)
  func recycle(_ frame: consuming EncodingFrame) {
    var frame = frame
    guard isKnownUniquelyReferenced(&frame) else { return }
    frame.nextSpare = spareFrame
    spareFrame = frame
  }

  func makeBuffer() -> ByteBuffer {
    spareBuffers.popLast() ?? ByteBuffer(capacity: 128)
  }

  func recycle(_ buffer: ByteBuffer) {
    buffer.removeAll()
    spareBuffers.append(buffer)
  }
}

// MARK: - The finished message

extension EncodingSession {
  func assemble() throws -> [UInt8] {
    let bodyCount = body.totalCount
    let total = MessageHeader.size + bodyCount + keyTableByteCount
    guard total <= limits.byteCount else { throw Malformed("The message is larger than the limit.") }
    guard keys.count <= limits.keyCount else {
      throw Malformed("The message has more keys than the limit allows.")
    }
    let header = MessageHeader(
      keyTableOffset: UInt32(MessageHeader.size + bodyCount), keyCount: UInt32(keys.count),
      byteCount: UInt32(total))
    return [UInt8](unsafeUninitializedCapacity: total) { target, count in
      // Sound because header, body and key table together fill exactly the `total` bytes asked for.
      let base = UnsafeMutableRawPointer(target.baseAddress!)
      header.write(to: base)
      body.copy(to: base + MessageHeader.size)
      writeKeys(to: base + MessageHeader.size + bodyCount)
      count = total
    }
  }
  private func writeKeys(to target: UnsafeMutableRawPointer) {
    var target = target
    for var key in keys {
      key.withUTF8 { bytes in
        target = ByteBuffer.store(variable: bytes.count, to: target)
        // An empty key has no bytes and perhaps no address.
        if let source = bytes.baseAddress { target.copyMemory(from: source, byteCount: bytes.count) }
        target += bytes.count
      }
    }
  }
}
