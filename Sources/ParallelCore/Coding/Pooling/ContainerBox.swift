/// The keyed container that a frame handed out, kept for the frame's next value.
///
/// The standard library puts every keyed container into an object of its own, of a generic class: making one costs
/// an allocation and several look-ups of metadata, more than all the rest of a small value. So a frame makes it once.
///
/// The object refers to the frame without owning it, or the two would keep each other alive. A user may still hold
/// the object when the frame's value is finished; then the object's keeper gets to own the frame, and the frame
/// gives the object up.
struct ContainerBox {
  private var keyType: ObjectIdentifier?
  private var holder: AnyContainerHolder?
  private var keeper: FrameKeeper?

  /// What holds a container for these keys, if there is one.
  @inline(__always)
  func holder<Key: CodingKey, Container>(
    _ key: Key.Type, of type: Container.Type
  ) -> ContainerHolder<Container>? {
    guard keyType == ObjectIdentifier(key), let holder else { return nil }
    // Sound because `keep` put one of this type here: each side keeps only its own kind of container.
    return unsafeDowncast(holder, to: ContainerHolder<Container>.self)
  }

  /// Keeps a container whose keeper is this.
  mutating func keep<Key: CodingKey, Container>(
    _ container: Container, _ key: Key.Type, _ keeper: FrameKeeper
  ) {
    holder = ContainerHolder(container)
    keyType = ObjectIdentifier(key)
    self.keeper = keeper
  }

  /// Whether nobody else holds the container.
  func isFree() -> Bool { holder?.isUnique() ?? true }

  /// Ends the use of the container; false if someone still holds it, who then holds the frame, too.
  @inline(__always)
  mutating func settle(_ frame: AnyObject) -> Bool {
    guard let holder else { return true }
    return holder.isUnique() || handOver(frame)
  }

  @inline(never)
  private mutating func handOver(_ frame: AnyObject) -> Bool {
    keeper?.frame = frame
    self = ContainerBox()
    return false
  }
}

/// A reference to a container's object, whatever the container's type.
class AnyContainerHolder {
  fileprivate let object: UnsafeMutablePointer<AnyObject>

  fileprivate init(_ object: UnsafeMutablePointer<AnyObject>) { self.object = object }

  /// Whether nobody else has the container.
  @inline(__always)
  final func isUnique() -> Bool { isKnownUniquelyReferenced(&object.pointee) }
}

/// Hands out copies of a container.
final class ContainerHolder<Container>: AnyContainerHolder {
  private let container: UnsafeMutablePointer<Container>

  init(_ container: Container) {
    self.container = .allocate(capacity: 1)
    self.container.initialize(to: container)
    // A keyed container of the standard library is a struct around one reference, and is to be an object here.
    precondition(MemoryLayout<Container>.size == MemoryLayout<AnyObject>.size)
    super.init(UnsafeMutableRawPointer(self.container).assumingMemoryBound(to: AnyObject.self))
  }

  deinit {
    container.deinitialize(count: 1)
    container.deallocate()
  }

  /// A copy. Never inlined: here the metadata of the container's type comes with the object, in a caller that is generic
  /// over the keys it would have to be looked up, which takes longer than everything else a small value needs.
  @inline(never)
  func copy() -> Container { container.pointee }
}

/// Owns a frame on behalf of a container that the frame does not keep.
final class FrameKeeper {
  var frame: AnyObject?

  init(_ frame: AnyObject? = nil) { self.frame = frame }
}
