import ParallelCore

/// One message on a lane.
struct Frame {
  enum Kind: UInt8 {
    // From parent to worker.
    case hello = 1
    case defineType
    case run
    case end
    /// Several tasks, each after its length in four bytes. Each has an answer of its own.
    case runBatch
    /// Like `run`, while others run: as a Swift task of its own.
    case runBeside
    // From worker to parent.
    case ready = 64
    case startFailed
    case result
    case threw
    /// It threw `CancellationError`.
    case gaveUp
    case undecodableInput
    case unencodableOutput
    /// In a ring, in place of a frame: that comes by socket.
    case overSocket = 127
  }

  var kind: Kind
  /// Which item it is about.
  var sequence: UInt64 = 0
  /// `run`, `defineType`: the type's number. What a worker says of an item: how long it ran, in nanoseconds.
  var value: UInt64 = 0
  /// Often a part of something larger that was received at once.
  var payload: ArraySlice<UInt8> = []
  var descriptors: PassedDescriptors?
  /// In place of `payload` and `descriptors`, where the payload is large.
  var memory: SealedMemory?
}

extension Frame {
  /// How many bytes the payload has, wherever it lies.
  var payloadSize: Int { memory?.count ?? payload.count }

  /// Calls `body` with the payload, wherever it lies.
  func withPayload<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    if let memory { return try memory.withUnsafeBytes(body) }
    return try payload.withUnsafeBytes(body)
  }
}

extension Frame {
  init(
    kind: Kind, sequence: UInt64 = 0, value: UInt64 = 0, payload: [UInt8],
    descriptors: PassedDescriptors? = nil
  ) {
    self.init(
      kind: kind, sequence: sequence, value: value, payload: payload[...], descriptors: descriptors)
  }
}

/// The fixed part of a frame: 24 bytes in the machine's own byte order (both ends run the same build).
///
/// | bytes | field |
/// |---|---|
/// | 0–3 | length of the payload |
/// | 4 | kind |
/// | 5 | number of descriptors |
/// | 6 | 1 if the payload is the memory behind the one descriptor, and does not follow here |
/// | 7 | zero |
/// | 8–15 | sequence |
/// | 16–23 | value |
struct FrameHeader {
  static let size = 24

  var length: Int
  var kind: Frame.Kind
  var descriptorCount: Int
  var sequence: UInt64
  var value: UInt64
  var isInMemory = false

  init(length: Int, kind: Frame.Kind, descriptorCount: Int, sequence: UInt64, value: UInt64) {
    self.length = length
    self.kind = kind
    self.descriptorCount = descriptorCount
    self.sequence = sequence
    self.value = value
  }

  init(_ frame: Frame) {
    length = frame.payloadSize
    kind = frame.kind
    descriptorCount = frame.memory == nil ? frame.descriptors?.all.count ?? 0 : 1
    isInMemory = frame.memory != nil
    sequence = frame.sequence
    value = frame.value
  }

  /// Throws for anything that no `FrameHeader` of ours looks like.
  init(bytes: UnsafeRawBufferPointer) throws(MalformedFrame) {
    length = Int(bytes.loadUnaligned(as: UInt32.self))
    guard let kind = Frame.Kind(rawValue: bytes[4]) else { throw MalformedFrame("unknown kind \(bytes[4])") }
    self.kind = kind
    descriptorCount = Int(bytes[5])
    guard bytes[6] <= 1, bytes[7] == 0 else { throw MalformedFrame("reserved bytes are set") }
    isInMemory = bytes[6] == 1
    sequence = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    value = bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
  }

  /// Calls `body` with the 24 bytes. The payload must be shorter than 4 GiB, which the message coder sees to.
  func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    withUnsafeTemporaryAllocation(byteCount: Self.size, alignment: 8) { bytes in
      bytes.storeBytes(of: UInt32(length), as: UInt32.self)
      bytes[4] = kind.rawValue
      bytes[5] = UInt8(descriptorCount)
      bytes[6] = isInMemory ? 1 : 0
      bytes[7] = 0
      bytes.storeBytes(of: sequence, toByteOffset: 8, as: UInt64.self)
      bytes.storeBytes(of: value, toByteOffset: 16, as: UInt64.self)
      return body(UnsafeRawBufferPointer(bytes))
    }
  }
}

/// Bytes that are not a frame: the other end is corrupted.
struct MalformedFrame: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
