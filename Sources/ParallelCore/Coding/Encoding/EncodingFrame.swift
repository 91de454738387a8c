/// One value being encoded: where it began, what kind of container it turned out to be, and how many elements it
/// has so far. All containers of one `Encoder` share its frame.
///
/// A value met on the ordinary way down (`encode(value)`) writes at the end of its parent's buffer, and the parent
/// waits. A nested container and a super encoder may be written at any time until the parent's value is
/// finished, so their frames have buffers of their own.
final class EncodingFrame {
  enum Shape { case undecided, single, keyed, unkeyed }

  /// Busy: a value inside is writing at the end of the same buffer.
  enum Phase { case open, busy, closed }

  let session: EncodingSession
  // A message is coded by one thread, and no access to these members calls out while it lasts: so they go
  // without the exclusivity checks at run time, which took a tenth of the time of a small message.
  @exclusivity(unchecked) private(set) var buffer: ByteBuffer
  @exclusivity(unchecked) private(set) var shape = Shape.undecided
  @exclusivity(unchecked) private(set) var phase = Phase.closed
  @exclusivity(unchecked) private(set) var count = 0
  @exclusivity(unchecked) private(set) var depth = 0

  /// Not retained, which is sound: every frame is closed or abandoned, which clears this, before its parent is.
  @exclusivity(unchecked) private unowned(unsafe) var parent: EncodingFrame?
  @exclusivity(unchecked) private var key: (any CodingKey)?
  @exclusivity(unchecked) private var opening = ByteBuffer.Opening(offset: 0, pieceByteCount: 0)
  @exclusivity(unchecked) private var children: [EncodingFrame] = []

  /// The next frame in the session's list of spare ones.
  @exclusivity(unchecked) var nextSpare: EncodingFrame?

  init(session: EncodingSession) {
    self.session = session
    buffer = session.body
  }

  @inline(__always)
  func start(in buffer: ByteBuffer, under parent: EncodingFrame?, key: (any CodingKey)?) {
    self.buffer = buffer
    self.parent = parent
    self.key = key
    depth = (parent?.depth ?? -1) + 1
    shape = .undecided
    phase = .open
    count = 0
  }

  var codingPath: [any CodingKey] {
    var path: [any CodingKey] = []
    var frame = self
    while true {
      if let key = frame.key { path.append(key) }
      guard let parent = frame.parent else { break }
      frame = parent
    }
    path.reverse()
    return path
  }
}

// MARK: - Becoming a container

extension EncodingFrame {
  /// Makes the value a container of this kind, or joins the one it already is.
  func become(_ shape: Shape) {
    guard phase == .open, self.shape == .undecided || self.shape == shape else { return failMisuse() }
    guard self.shape == .undecided else { return }
    self.shape = shape
    opening = buffer.open(shape == .keyed ? WireTag.keyed : WireTag.unkeyed)
  }

  /// Called before each element.
  @inline(__always)
  func beginElement(of shape: Shape) throws {
    guard phase == .open, self.shape == shape else { throw misuse() }
    guard buffer.totalCount <= session.limits.byteCount else { throw tooLarge() }
    count += 1
  }

  @inline(__always)
  func beginElement(key: String) throws {
    try beginElement(of: .keyed)
    buffer.write(variable: session.number(of: key))
  }

  /// Called before the one value of a single-value container.
  @inline(__always)
  func beginSingle() throws {
    guard phase == .open, shape == .undecided else { throw misuse() }
    shape = .single
  }
}

// MARK: - Finishing

extension EncodingFrame {
  @inline(__always)
  func close() throws {
    switch shape {
    case .single: break
    case .undecided:
      // A value without state is written like one without members.
      buffer.close(buffer.open(WireTag.keyed), count: 0)
    case .keyed, .unkeyed:
      if !children.isEmpty { try closeChildren() }
      guard count <= session.limits.elementCount else {
        throw invalid("A container has more elements than the limit allows.")
      }
      guard buffer.totalCount <= session.limits.byteCount else { throw tooLarge() }
      buffer.close(opening, count: count)
    }
    release()
  }

  /// Gives up a value that could not be encoded.
  func abandon() {
    for child in children { child.abandon() }
    release()
  }

  private func closeChildren() throws {
    for child in children {
      try child.close()
      if buffer.settle(child.buffer) { session.recycle(child.buffer) }
    }
  }

  @inline(__always)
  private func release() {
    phase = .closed
    parent = nil
    key = nil
    if !children.isEmpty { children.removeAll() }
  }

  /// A frame with its own buffer for a nested container or a super encoder, placed here.
  func makeChild(key: any CodingKey) -> EncodingFrame {
    guard depth < session.limits.depth else {
      session.fail(tooDeep())
      return makeDeadChild()
    }
    let child = session.makeFrame(in: session.makeBuffer(), under: self, key: key)
    buffer.addBuffer(child.buffer)
    children.append(child)
    return child
  }

  /// Stands for a container that can't be had; the failure is on record.
  func makeDeadChild() -> EncodingFrame {
    let child = session.makeFrame(in: session.makeBuffer(), under: nil, key: nil)
    child.abandon()
    return child
  }
}

// MARK: - Elements that may fail

extension EncodingFrame {
  struct Mark {
    var buffer: ByteBuffer.Mark
    var shape: Shape
    var count: Int
    var childCount: Int
  }

  var mark: Mark { Mark(buffer: buffer.mark, shape: shape, count: count, childCount: children.count) }

  /// Forgets a half-written element, so that a caller that goes on after the error still writes a good message.
  func rewind(to mark: Mark) {
    buffer.rewind(to: mark.buffer)
    shape = mark.shape
    count = mark.count
    for child in children[mark.childCount...] { child.abandon() }
    children.removeSubrange(mark.childCount...)
  }

  /// Encodes a value of any type inside this one.
  func encodeInside<T: Encodable>(_ value: T, key: (any CodingKey)?) throws {
    let child = session.makeFrame(in: buffer, under: self, key: key)
    guard child.depth <= session.limits.depth else {
      defer { child.abandon() }
      throw child.tooDeep()
    }
    phase = .busy
    defer { phase = .open }
    do {
      try value.encode(to: FrameEncoder(frame: child))
      try child.close()
    } catch {
      child.abandon()
      throw error
    }
    session.recycle(child)
  }
}
