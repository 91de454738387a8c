internal import CParallel
import ParallelCore
import Synchronization

/// One direction of a lane: a ring of bytes in memory that both processes see, and the words around it.
///
/// The protocol, and who may write which word, stands in Ring.md. This is only the access: nothing here is checked.
struct SharedRing: @unchecked Sendable {
  // Sendable: the words are only reached atomically; the bytes between head and tail belong to the consumer, the others
  // to the producer. The memory is unmapped by its owner after its last user.

  static let capacity = Int(PARALLEL_RING_CAPACITY)

  let bell: Bell
  private let tailWord: UnsafeMutablePointer<Atomic<UInt64>>
  private let headWord: UnsafeMutablePointer<Atomic<UInt64>>
  private let roomWord: UnsafeMutablePointer<Atomic<UInt32>>
  private let bytes: UnsafeMutableRawPointer

  /// `words` is a `struct parallel_ring`.
  init(words: UnsafeMutableRawPointer, bytes: UnsafeMutableRawPointer) {
    func word<Value>(_ field: PartialKeyPath<parallel_ring>) -> UnsafeMutablePointer<Atomic<Value>> {
      // An `Atomic` has the layout of its value, and zeroed memory is a valid one.
      (words + MemoryLayout<parallel_ring>.offset(of: field)!).assumingMemoryBound(to: Atomic<Value>.self)
    }
    tailWord = word(\.tail)
    headWord = word(\.head)
    roomWord = word(\.waits_for_room)
    bell = Bell(word(\.bell))
    self.bytes = bytes
  }

  // MARK: Words

  var tail: UInt64 { tailWord.pointee.load(ordering: .sequentiallyConsistent) }
  var head: UInt64 { headWord.pointee.load(ordering: .sequentiallyConsistent) }

  /// Producer: makes known what was written up to here.
  func setTail(_ position: UInt64) { tailWord.pointee.store(position, ordering: .sequentiallyConsistent) }

  /// Consumer: gives back what was read up to here.
  func setHead(_ position: UInt64) { headWord.pointee.store(position, ordering: .sequentiallyConsistent) }

  /// Producer: wants to be woken when the head has moved.
  func askForRoom() { roomWord.pointee.store(1, ordering: .sequentiallyConsistent) }

  /// Consumer, after it has moved the head: true if the producer waits for that, and then the caller has to wake it.
  func producerWaitsForRoom() -> Bool {
    roomWord.pointee.load(ordering: .sequentiallyConsistent) != 0
      && roomWord.pointee.exchange(0, ordering: .sequentiallyConsistent) != 0
  }

  // MARK: Bytes

  /// The memory at a position, where so many bytes lie there in one piece.
  func room(for count: Int, at position: UInt64) -> UnsafeMutableRawBufferPointer? {
    let start = Int(truncatingIfNeeded: position) & (Self.capacity - 1)
    guard count <= Self.capacity - start else { return nil }
    return UnsafeMutableRawBufferPointer(start: bytes + start, count: count)
  }

  func write(_ source: UnsafeRawBufferPointer, at position: UInt64) {
    guard let base = source.baseAddress else { return }
    let start = Int(truncatingIfNeeded: position) & (Self.capacity - 1)
    let first = min(source.count, Self.capacity - start)
    (bytes + start).copyMemory(from: base, byteCount: first)
    if first < source.count { bytes.copyMemory(from: base + first, byteCount: source.count - first) }
  }

  func read(_ target: UnsafeMutableRawBufferPointer, at position: UInt64) {
    guard let base = target.baseAddress else { return }
    let start = Int(truncatingIfNeeded: position) & (Self.capacity - 1)
    let first = min(target.count, Self.capacity - start)
    base.copyMemory(from: bytes + start, byteCount: first)
    if first < target.count { (base + first).copyMemory(from: bytes, byteCount: target.count - first) }
  }
}
