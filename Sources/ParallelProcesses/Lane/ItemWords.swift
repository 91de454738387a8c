internal import CParallel
import Synchronization

/// One word of the status page for each item in a worker's hands, by sequence number modulo the number of slots.
struct ItemWords: @unchecked Sendable {
  // Sendable: the words are only reached atomically; the page is unmapped by its owner after its last user.

  /// The most items that may be in a worker's hands.
  static let capacity = Int(PARALLEL_STATUS_SLOTS)

  private let words: UnsafeMutablePointer<Atomic<UInt64>>

  init(
    _ field: PartialKeyPath<parallel_worker_status>, of status: UnsafeMutablePointer<parallel_worker_status>
  ) {
    let offset = MemoryLayout<parallel_worker_status>.offset(of: field)!
    // `Atomic<UInt64>` has the layout of a UInt64, and zeroed memory is a valid one.
    words = (UnsafeMutableRawPointer(status) + offset)
      .bindMemory(to: Atomic<UInt64>.self, capacity: Self.capacity)
  }

  /// The word of the item with this number, and of all that share its slot.
  subscript(sequence: UInt64) -> UnsafeMutablePointer<Atomic<UInt64>> {
    words + Int(sequence % UInt64(Self.capacity))
  }
}
