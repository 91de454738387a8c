internal import SystemPackage

/// What all frames of one message share: the bytes, the keys, the descriptors.
final class DecodingSession {
  // A message is coded by one thread, and no access to these members calls out while it lasts: so they go
  // without the exclusivity checks at run time, which took a tenth of the time of a small message.
  @exclusivity(unchecked) private(set) var reader = WireReader.closed
  @exclusivity(unchecked) private(set) var limits = MessageLimits.standard
  @exclusivity(unchecked) private(set) var userInfo: [CodingUserInfoKey: any Sendable] = [:]
  @exclusivity(unchecked) private(set) var keys = KeyTable()

  @exclusivity(unchecked) private var descriptors: [FileDescriptor] = []
  @exclusivity(unchecked) private var isTaken: [Bool] = []

  private let types = TypeTable<DecodingFrame>()
  @exclusivity(unchecked) private var frameCount = 0
  /// Whether someone may still hold a frame of this session.
  @exclusivity(unchecked) private var isShared = false

  @exclusivity(unchecked) var isBusy = false

  private static let mostFrames = 1024

  init() {}

  deinit { types.deallocate() }

  /// Begins a message. The session owns the descriptors from now on, also if it throws.
  @inline(__always)
  func begin(
    _ bytes: UnsafeRawBufferPointer, descriptors: [FileDescriptor], limits: MessageLimits,
    userInfo: [CodingUserInfoKey: any Sendable]
  ) throws(Malformed) {
    if !descriptors.isEmpty {
      self.descriptors = descriptors
      isTaken = Array(repeating: false, count: descriptors.count)
      guard descriptors.count <= limits.descriptorCount else {
        throw Malformed("The message has more file descriptors than the limit allows.")
      }
    }
    let header = try MessageHeader(bytes, limits: limits)
    guard let base = bytes.baseAddress else { throw WireReader.truncated }
    self.limits = limits
    if !(self.userInfo.isEmpty && userInfo.isEmpty) { self.userInfo = userInfo }
    let bodyEnd = Int(header.keyTableOffset)
    try keys.read(WireReader(base: base, end: bytes.count), from: bodyEnd, count: Int(header.keyCount))
    reader = WireReader(base: base, end: bodyEnd)
  }

  /// Decodes the message's value.
  @inline(__always)
  func decode<T: Decodable>(_ type: T.Type) throws -> T {
    let value = try reader.value(MessageHeader.size)
    guard try reader.end(of: value) == reader.end else { throw Malformed("There are bytes after the value.") }
    return try withFrame(for: type) { root in
      root.start(value)
      guard case .none = entry(of: type).pointee.special else { return try root.get(type, value, .none) }
      return try T(from: root)
    }
  }

  /// Ends access to the bytes and closes the descriptors no value took. The session is free for the next message,
  /// unless this one failed, or someone may still have access to it.
  @inline(__always)
  func end(failed: Bool) {
    reader.close()
    if !descriptors.isEmpty { closeDescriptors() }
    guard !failed, !isShared, frameCount <= Self.mostFrames else { return }
    keys.reset()
    if !userInfo.isEmpty { userInfo = [:] }
    isBusy = false
  }

  private func closeDescriptors() {
    for (descriptor, isTaken) in zip(descriptors, isTaken) where !isTaken {
      SystemCalls.close(descriptor)
    }
    descriptors = []
    isTaken = []
  }

  /// Says that a frame is out of this session's hands: its value threw, or its container was kept.
  func share() { isShared = true }
}

extension DecodingSession: PooledSession {
  static let slot = ThreadSlot.makeKey { DecodingSession.end($0) }

  func dispose() { types.removeSpares() }
}

extension DecodingSession {
  /// Hands a descriptor over to a value; each can be had once.
  func takeDescriptor(_ index: Int) throws(Malformed) -> FileDescriptor {
    guard index < descriptors.count else { throw Malformed("The message lacks a file descriptor.") }
    guard !isTaken[index] else { throw Malformed("The message uses a file descriptor twice.") }
    isTaken[index] = true
    return descriptors[index]
  }
}

// MARK: - Frames

extension DecodingSession {
  @inline(__always)
  func entry<T>(of type: T.Type) -> UnsafeMutablePointer<TypeTable<DecodingFrame>.Entry> {
    types.entry(of: type)
  }

  /// A frame for a value of a type, or for a container with keys of a type.
  @inline(__always)
  func makeFrame<T>(for type: T.Type) -> DecodingFrame {
    if let spare = TypeTable.takeSpare(from: types.entry(of: type)) { return spare }
    frameCount += 1
    return DecodingFrame(session: self, for: ObjectIdentifier(type))
  }

  /// Keeps a released frame for the next value, unless someone still holds a container of it.
  @inline(__always)
  func recycle(_ frame: consuming DecodingFrame) {
    var frame = frame
    guard isKnownUniquelyReferenced(&frame) else { return share() }
    types.addSpare(frame, of: frame.type)
  }

  /// Lends `body` a frame for a value of a type.
  ///
  /// The reference is counted by hand: the compiler may hold one of its own for longer than `body` lasts, and then no
  /// frame would ever be found to be free.
  @inline(__always)
  func withFrame<T, Result>(for type: T.Type, _ body: (DecodingFrame) throws -> Result) throws -> Result {
    let frame = Unmanaged.passRetained(makeFrame(for: type))
    let result: Result
    do {
      result = try frame._withUnsafeGuaranteedRef(body)
    } catch {
      share()
      frame._withUnsafeGuaranteedRef { $0.release() }
      frame.release()
      throw error
    }
    frame._withUnsafeGuaranteedRef { $0.release() }
    recycle(frame.takeRetainedValue())
    return result
  }
}
