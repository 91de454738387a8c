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
  /// What type's spare frames this one belongs to.
  let type: ObjectIdentifier
  // A message is coded by one thread, and no access to these members calls out while it lasts: so they go
  // without the exclusivity checks at run time, which took a tenth of the time of a small message.
  @exclusivity(unchecked) private(set) var buffer: ByteBuffer
  @exclusivity(unchecked) private(set) var shape = Shape.undecided
  @exclusivity(unchecked) private(set) var phase = Phase.closed
  @exclusivity(unchecked) private(set) var count = 0
  @exclusivity(unchecked) private(set) var depth = 0

  /// Not retained, which is sound: every frame is closed or abandoned, which clears this, before its parent is.
  @exclusivity(unchecked) private unowned(unsafe) var parent: EncodingFrame?
  @exclusivity(unchecked) private var step = StoredStep()
  @exclusivity(unchecked) private var opening = ByteBuffer.Opening(offset: 0, pieceByteCount: 0)
  @exclusivity(unchecked) private var children: [EncodingFrame] = []

  /// The number of the first key last time, which it probably is again.
  @exclusivity(unchecked) private var firstKey = 0
  @exclusivity(unchecked) private var box = ContainerBox()
  @exclusivity(unchecked) var nextSpare: EncodingFrame?

  init(session: EncodingSession, for type: ObjectIdentifier) {
    self.session = session
    self.type = type
    buffer = session.body
  }

  /// Begins the value of a message.
  @inline(__always)
  func start(in buffer: ByteBuffer) {
    if self.buffer !== buffer { self.buffer = buffer }
    depth = 0
    shape = .undecided
    phase = .open
    count = 0
  }

  /// Begins a value inside another.
  @inline(__always)
  func start(in buffer: ByteBuffer, under parent: EncodingFrame, _ step: PathStep) {
    start(in: buffer)
    self.parent = parent
    self.step.set(step)
    depth = parent.depth + 1
  }

  var codingPath: [any CodingKey] {
    var path: [any CodingKey] = []
    var frame = self
    while true {
      if let key = frame.step.key { path.append(key) }
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
    if shape == .keyed { session.keys.expect(firstKey) }
  }

  /// The container by which the value's members are written.
  @inline(__always)
  func keyedContainer<Key: CodingKey>(_ type: Key.Type) -> KeyedEncodingContainer<Key> {
    become(.keyed)
    guard let holder = box.holder(type, of: KeyedEncodingContainer<Key>.self) else {
      return makeContainer(type)
    }
    return holder.copy()
  }

  @inline(never)
  private func makeContainer<Key: CodingKey>(_ type: Key.Type) -> KeyedEncodingContainer<Key> {
    guard phase == .open, box.settle(self) else {
      // The frame is out of its session's hands, or will be: this container has to keep it.
      return KeyedEncodingContainer(KeyedWriter(frame: self, keeper: FrameKeeper(self)))
    }
    let keeper = FrameKeeper()
    let container = KeyedEncodingContainer(KeyedWriter<Key>(frame: self, keeper: keeper))
    box.keep(container, type, keeper)
    return container
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
    let number = session.keys.number(of: key)
    if count == 1 { firstKey = number }
    buffer.write(variable: number)
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

  /// Finishes a value whose bytes are already there.
  @inline(__always)
  func close(as shape: Shape) throws {
    self.shape = shape
    try close()
  }

  /// Gives up a value that could not be encoded.
  func abandon() {
    guard phase != .closed else { return }
    for child in children { child.abandon() }
    session.share()
    release()
  }

  private func closeChildren() throws {
    for child in children {
      try child.close()
      if buffer.settle(child.buffer) { session.recycle(child.buffer) }
    }
    while let child = children.popLast() { session.recycle(child) }
  }

  @inline(__always)
  private func release() {
    phase = .closed
    parent = nil
    step.clear()
    if !children.isEmpty { children.removeAll() }
    if !box.settle(self) { session.share() }
  }

  /// A frame with its own buffer for a nested container or a super encoder, placed here. `type` is a hint at what
  /// container it will be.
  func makeChild<T>(_ step: PathStep, for type: T.Type) -> EncodingFrame {
    guard depth < session.limits.depth else {
      session.fail(tooDeep())
      return makeDeadChild()
    }
    let child = session.makeFrame(for: type)
    child.start(in: session.makeBuffer(), under: self, step)
    buffer.addBuffer(child.buffer)
    children.append(child)
    return child
  }

  /// Stands for a container that can't be had; the failure is on record.
  func makeDeadChild() -> EncodingFrame {
    let child = EncodingFrame(session: session, for: ObjectIdentifier(Never.self))
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
  func encodeInside<T: Encodable>(_ value: T, _ step: PathStep) throws {
    phase = .busy
    defer { phase = .open }
    try session.withFrame(for: T.self) { child in
      child.start(in: buffer, under: self, step)
      guard child.depth <= session.limits.depth else { throw child.tooDeep() }
      try value.encode(to: FrameEncoder(frame: child))
      try child.close()
    }
  }
}

extension EncodingFrame: PooledFrame {}
