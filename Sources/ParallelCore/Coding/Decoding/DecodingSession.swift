internal import SystemPackage

/// What all frames of one message share: the bytes, the keys, the descriptors.
final class DecodingSession {
  // A message is coded by one thread, and no access to these members calls out while it lasts: so they go
  // without the exclusivity checks at run time, which took a tenth of the time of a small message.
  @exclusivity(unchecked) private(set) var reader: WireReader
  let limits: MessageLimits
  let userInfo: [CodingUserInfoKey: any Sendable]
  let keys: [String]
  private var keyNumbers: [String: Int] = [:]

  private var descriptors: [FileDescriptor]
  private var isTaken: [Bool]

  @exclusivity(unchecked) private var spareFrame: DecodingFrame?

  init(
    _ bytes: UnsafeRawBufferPointer, descriptors: [FileDescriptor], limits: MessageLimits,
    userInfo: [CodingUserInfoKey: any Sendable]
  ) throws(Malformed) {
    let header = try MessageHeader(bytes, limits: limits)
    guard let base = bytes.baseAddress else { throw WireReader.truncated }
    reader = WireReader(base: base, end: Int(header.keyTableOffset))
    self.limits = limits
    self.userInfo = userInfo
    self.descriptors = descriptors
    isTaken = descriptors.isEmpty ? [] : Array(repeating: false, count: descriptors.count)
    let whole = WireReader(base: base, end: bytes.count)
    (keys, keyNumbers) = try Self.readKeys(
      whole, from: Int(header.keyTableOffset), count: Int(header.keyCount))
  }

  private static func readKeys(
    _ reader: WireReader, from start: Int, count: Int
  ) throws(Malformed) -> ([String], [String: Int]) {
    var keys: [String] = []
    var numbers: [String: Int] = [:]
    if count > 0 { keys.reserveCapacity(min(count, 1024)) }
    var offset = start
    for number in 0..<count {
      let byteCount = try reader.variable(&offset)
      let key = try WireReader.text(try reader.bytes(offset, count: byteCount))
      offset += byteCount
      // A name that stood for two numbers would make the meaning of a container depend on the order of reading.
      let isNew =
        count <= longestScan ? !keys.contains(key) : numbers.updateValue(number, forKey: key) == nil
      guard isNew else { throw Malformed("The key table has a key twice.") }
      keys.append(key)
    }
    guard offset == reader.end else { throw Malformed("There are bytes after the key table.") }
    return (keys, numbers)
  }

  private static let longestScan = 16

  /// The number of a key, if the message has it at all.
  func number(of key: String) -> Int? {
    keys.count <= Self.longestScan ? keys.firstIndex(of: key) : keyNumbers[key]
  }

  /// Ends access to the bytes and closes the descriptors no value took.
  func end() {
    reader.close()
    // One by one: a long list that went at once would release its links recursively.
    while let frame = spareFrame {
      spareFrame = frame.nextSpare
      frame.nextSpare = nil
    }
    for (descriptor, isTaken) in zip(descriptors, isTaken) where !isTaken {
      SystemCalls.close(descriptor)
    }
    descriptors = []
    isTaken = []
  }
}

extension DecodingSession {
  /// Hands a descriptor over to a value; each can be had once.
  func takeDescriptor(_ index: Int) throws(Malformed) -> FileDescriptor {
    guard index < descriptors.count else { throw Malformed("The message lacks a file descriptor.") }
    guard !isTaken[index] else { throw Malformed("The message uses a file descriptor twice.") }
    isTaken[index] = true
    return descriptors[index]
  }

  @inline(__always)
  func makeFrame(
    _ value: WireValue, under parent: DecodingFrame?, key: (any CodingKey)?
  ) -> DecodingFrame {
    let frame: DecodingFrame
    if let spare = spareFrame {
      spareFrame = spare.nextSpare
      spare.nextSpare = nil
      frame = spare
    } else {
      frame = DecodingFrame(session: self)
    }
    frame.start(value, under: parent, key: key)
    return frame
  }

  /// Keeps a frame for the next value, unless someone still holds a container of it.
  @inline(__always)
  func recycle(_ frame: consuming DecodingFrame) {
    var frame = frame
    guard isKnownUniquelyReferenced(&frame) else { return }
    frame.release()
    frame.nextSpare = spareFrame
    spareFrame = frame
  }
}
