internal import SystemPackage

/// What all frames of one message share: the key table, the descriptors, the limits.
final class EncodingSession {
  // A message is coded by one thread, and no access to these members calls out while it lasts: so they go
  // without the exclusivity checks at run time, which took a tenth of the time of a small message.
  @exclusivity(unchecked) private(set) var limits = MessageLimits.standard
  @exclusivity(unchecked) private(set) var userInfo: [CodingUserInfoKey: any Sendable] = [:]
  @exclusivity(unchecked) private(set) var descriptors: [FileDescriptor] = []
  /// A mistake made in a call that can't throw, or found too late to; thrown at the end.
  @exclusivity(unchecked) private(set) var failure: (any Error)?

  /// The message: room for its header and its value, except for nested containers that are still open.
  let body = ByteBuffer(capacity: 256)
  @exclusivity(unchecked) var keys = KeyNumbering()

  private let types = TypeTable<EncodingFrame>()
  @exclusivity(unchecked) private var spareBuffers: [ByteBuffer] = []
  @exclusivity(unchecked) private var frameCount = 0
  /// Whether someone may still hold a frame of this session.
  @exclusivity(unchecked) private var isShared = false

  @exclusivity(unchecked) var isBusy = false

  private static let mostFrames = 1024

  init() {}

  deinit { types.deallocate() }

  @inline(__always)
  func begin(limits: MessageLimits, userInfo: [CodingUserInfoKey: any Sendable]) {
    self.limits = limits
    if !(self.userInfo.isEmpty && userInfo.isEmpty) { self.userInfo = userInfo }
    keys.reset()
    _ = body.extend(by: MessageHeader.size)
  }

  /// Encodes the message's value.
  @inline(__always)
  func encode<T: Encodable>(_ value: T) throws {
    try withFrame(for: T.self) { root in
      root.start(in: body)
      if case .none = entry(of: T.self).pointee.special {
        try value.encode(to: FrameEncoder(frame: root))
        try root.close()
      } else {
        try root.encodeSpecial(value)
      }
    }
    if let failure { throw failure }
  }

  func fail(_ error: @autoclosure () -> any Error) {
    if failure == nil { failure = error() }
  }

  /// Ends a message whose descriptors have found an owner. The session is free for the next one, unless someone may
  /// still have access to it.
  @inline(__always)
  func end() {
    guard !isShared, frameCount <= Self.mostFrames else { return }
    // Now, not when the next message begins: a piece holds its array, and who changes an array that is held copies it.
    body.removeAll()
    if !descriptors.isEmpty { descriptors = [] }
    if !userInfo.isEmpty { userInfo = [:] }
    isBusy = false
  }

  /// Says that a frame is out of this session's hands: its value threw, or its container was kept.
  func share() { isShared = true }
}

extension EncodingSession: PooledSession {
  static let slot = ThreadSlot.makeKey { EncodingSession.end($0) }

  func dispose() {
    types.removeSpares()
    spareBuffers.removeAll()
  }
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
  func entry<T>(of type: T.Type) -> UnsafeMutablePointer<TypeTable<EncodingFrame>.Entry> {
    types.entry(of: type)
  }

  /// A frame for a value of a type, or for a container with keys of a type.
  @inline(__always)
  func makeFrame<T>(for type: T.Type) -> EncodingFrame {
    if let spare = TypeTable.takeSpare(from: types.entry(of: type)) { return spare }
    frameCount += 1
    return EncodingFrame(session: self, for: ObjectIdentifier(type))
  }

  /// Lends `body` a frame for a value of a type, which closes it or throws.
  ///
  /// The reference is counted by hand: the compiler may hold one of its own for longer than `body` lasts, and then no
  /// frame would ever be found to be free.
  @inline(__always)
  func withFrame<T>(for type: T.Type, _ body: (EncodingFrame) throws -> Void) throws {
    let frame = Unmanaged.passRetained(makeFrame(for: type))
    do {
      try frame._withUnsafeGuaranteedRef(body)
    } catch {
      frame._withUnsafeGuaranteedRef { $0.abandon() }
      frame.release()
      throw error
    }
    recycle(frame.takeRetainedValue())
  }

  /// Keeps a closed frame for the next value, unless someone still holds a container of it.
  @inline(__always)
  func recycle(_ frame: consuming EncodingFrame) {
    var frame = frame
    guard isKnownUniquelyReferenced(&frame) else { return share() }
    types.addSpare(frame, of: frame.type)
  }

  @inline(__always)
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
  /// Completes the message; the result is its size.
  @inline(__always)
  func finish() throws -> Int {
    let bodyEnd = body.totalCount
    let total = bodyEnd + keys.tableByteCount
    guard total <= limits.byteCount else { throw Malformed("The message is larger than the limit.") }
    guard keys.count <= limits.keyCount else {
      throw Malformed("The message has more keys than the limit allows.")
    }
    MessageHeader(
      keyTableOffset: UInt32(truncatingIfNeeded: bodyEnd), keyCount: UInt32(truncatingIfNeeded: keys.count),
      byteCount: UInt32(truncatingIfNeeded: total)
    ).write(to: body.base)
    body.write(raw: keys.table)
    return total
  }
}
