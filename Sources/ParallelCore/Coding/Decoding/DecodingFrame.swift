/// One value being decoded, and the `Decoder` its type gets to see.
final class DecodingFrame {
  let session: DecodingSession
  /// What type's spare frames this one belongs to.
  let type: ObjectIdentifier
  // A message is coded by one thread, and no access to these members calls out while it lasts: so they go
  // without the exclusivity checks at run time, which took a tenth of the time of a small message.
  @exclusivity(unchecked) private(set) var value = WireValue(tag: WireTag.null, payload: 0)
  @exclusivity(unchecked) private(set) var depth = 0
  @exclusivity(unchecked) private var parent: DecodingFrame?
  @exclusivity(unchecked) private var step = StoredStep()

  /// Where the members lie, once the value was opened as a keyed container.
  @exclusivity(unchecked) var members = MemberTable()

  /// Frames of nested containers and super decoders, which may be used until this value is decoded.
  @exclusivity(unchecked) private var children: [DecodingFrame] = []
  @exclusivity(unchecked) private var isActive = false
  @exclusivity(unchecked) private var box = ContainerBox()
  @exclusivity(unchecked) var nextSpare: DecodingFrame?

  init(session: DecodingSession, for type: ObjectIdentifier) {
    self.session = session
    self.type = type
  }

  /// Begins the value of a message.
  @inline(__always)
  func start(_ value: WireValue) {
    self.value = value
    depth = 0
    isActive = true
  }

  /// Begins a value inside another.
  @inline(__always)
  func start(_ value: WireValue, under parent: DecodingFrame, _ step: PathStep) {
    start(value)
    self.parent = parent
    self.step.set(step)
    depth = parent.depth + 1
  }

  /// Ends the use of the frame by its value.
  @inline(__always)
  func release() {
    if !children.isEmpty { releaseChildren() }
    isActive = false
    if parent != nil { parent = nil }
    step.clear()
    members.close()
    if !box.settle(self) { session.share() }
  }

  private func releaseChildren() {
    while let child = children.popLast() {
      child.release()
      session.recycle(child)
    }
  }

  @inline(__always)
  var reader: WireReader { session.reader }

  var path: [any CodingKey] {
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

// MARK: - Errors

extension DecodingFrame {
  func path(to key: (any CodingKey)?) -> [any CodingKey] {
    path + (key.map { [$0] } ?? [])
  }

  func path(to step: PathStep) -> [any CodingKey] { path(to: step.key) }

  func corrupted(_ reason: String, _ key: (any CodingKey)? = nil) -> DecodingError {
    .dataCorrupted(.init(codingPath: path(to: key), debugDescription: reason))
  }

  /// The value is of another kind, or nil.
  func mismatch(_ type: Any.Type, _ value: WireValue, _ key: (any CodingKey)? = nil) -> DecodingError {
    let context = DecodingError.Context(
      codingPath: path(to: key), debugDescription: "Expected \(type) but found \(WireTag.name(value.tag)).")
    return value.tag == WireTag.null ? .valueNotFound(type, context) : .typeMismatch(type, context)
  }

  /// Adds the coding path to what the reader threw.
  @inline(__always)
  func checked<R>(_ body: () throws(Malformed) -> R) throws -> R {
    do { return try body() } catch { throw corrupted("\(error.reason)") }
  }

  @inline(__always)
  func checked<R>(_ key: @autoclosure () -> (any CodingKey)?, _ body: () throws(Malformed) -> R) throws -> R {
    do { return try body() } catch { throw corrupted("\(error.reason)", key()) }
  }
}

// MARK: - Inner values

extension DecodingFrame {
  /// A frame for a nested container or a super decoder. `type` is a hint at what container it will be.
  func makeChild<T>(_ value: WireValue, _ step: PathStep, for type: T.Type) throws -> DecodingFrame {
    guard depth < session.limits.depth else { throw corrupted("The value is nested too deeply.", step.key) }
    reclaimLastChild()
    let child = session.makeFrame(for: type)
    child.start(value, under: self, step)
    children.append(child)
    return child
  }

  /// Frees the frame made last if its container is gone: a value may open any number one after another.
  private func reclaimLastChild() {
    guard let last = children.last.map({ Unmanaged.passUnretained($0) }) else { return }
    last._withUnsafeGuaranteedRef { $0.reclaimLastChild() }
    // Counted by hand, as in `DecodingSession.withFrame`: here only `children` may hold the frame.
    guard last._withUnsafeGuaranteedRef({ $0.box.isFree() }),
      isKnownUniquelyReferenced(&children[children.count - 1])
    else { return }
    last._withUnsafeGuaranteedRef { $0.release() }
    session.recycle(children.removeLast())
  }

  /// Decodes a type through its own `init(from:)`.
  func decodeInside<T: Decodable>(_ type: T.Type, _ value: WireValue, _ step: PathStep) throws -> T {
    guard depth < session.limits.depth else { throw corrupted("The value is nested too deeply.", step.key) }
    return try session.withFrame(for: type) { child in
      child.start(value, under: self, step)
      return try T(from: child)
    }
  }
}

// MARK: - The decoder

extension DecodingFrame: PooledFrame {}

extension DecodingFrame: Decoder {
  var codingPath: [any CodingKey] { path }
  var userInfo: [CodingUserInfoKey: Any] { session.userInfo as [CodingUserInfoKey: Any] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    try openMembers()
    guard let holder = box.holder(type, of: KeyedDecodingContainer<Key>.self) else {
      return makeContainer(type)
    }
    return holder.copy()
  }

  @inline(never)
  private func makeContainer<Key: CodingKey>(_ type: Key.Type) -> KeyedDecodingContainer<Key> {
    guard isActive, box.settle(self) else {
      // The frame is out of its session's hands, or will be: this container has to keep it.
      return KeyedDecodingContainer(KeyedReader(frame: self, keeper: FrameKeeper(self)))
    }
    let keeper = FrameKeeper()
    let container = KeyedDecodingContainer(KeyedReader<Key>(frame: self, keeper: keeper))
    box.keep(container, type, keeper)
    return container
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try UnkeyedReader(frame: self) }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { SingleValueReader(frame: self) }
}
