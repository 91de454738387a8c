internal import SystemPackage

/// What all frames of one message share: the key table, the descriptors, the limits.
final class EncodingSession {
  let limits: MessageLimits
  let userInfo: [CodingUserInfoKey: Any]
  private(set) var descriptors: [FileDescriptor] = []
  /// A mistake made in a call that can't throw, or found too late to; thrown at the end.
  private(set) var failure: (any Error)?

  /// The message's value, except for nested containers that are still open.
  let body = ByteBuffer(capacity: 256)

  private var keys: [String] = []
  private var keyNumbers: [String: Int] = [:]
  private let keyTable = ByteBuffer(capacity: 128)
  /// The key that probably comes next: the one after the last.
  private var expectedKey = 0

  private var spareFrames: [EncodingFrame] = []
  private var spareBuffers: [ByteBuffer] = []

  init(limits: MessageLimits, userInfo: [CodingUserInfoKey: Any]) {
    self.limits = limits
    self.userInfo = userInfo
  }

  func fail(_ error: @autoclosure () -> any Error) {
    if failure == nil { failure = error() }
  }

  /// Lets go of what refers back to the session.
  func end() {
    spareFrames.removeAll()
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
    keys.append(key)
    var key = key
    key.withUTF8 { bytes in
      keyTable.write(variable: bytes.count)
      keyTable.write(raw: UnsafeRawBufferPointer(bytes))
    }
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
    descriptors.append(try DescriptorCalls.duplicate(descriptor))
    return UInt32(descriptors.count - 1)
  }

  func closeDescriptors() {
    DescriptorCalls.close(descriptors)
    descriptors = []
  }
}

// MARK: - Frames and buffers

extension EncodingSession {
  @inline(__always)
  func makeFrame(in buffer: ByteBuffer, under parent: EncodingFrame?, key: (any CodingKey)?) -> EncodingFrame {
    let frame = spareFrames.popLast() ?? EncodingFrame(session: self)
    frame.start(in: buffer, under: parent, key: key)
    return frame
  }

  /// Keeps a closed frame for the next value, unless someone still holds a container of it.
  @inline(__always)
  func recycle(_ frame: consuming EncodingFrame) {
    var frame = frame
    if isKnownUniquelyReferenced(&frame) { spareFrames.append(frame) }
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
    let total = MessageHeader.size + bodyCount + keyTable.count
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
      keyTable.copy(to: base + MessageHeader.size + bodyCount)
      count = total
    }
  }
}
