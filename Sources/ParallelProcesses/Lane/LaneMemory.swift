internal import CParallel
import ParallelCore

/// The memory that a worker shares with its parent, mapped here as long as this object lives: the status page and two
/// rings. What is in it is the worker's word.
final class LaneMemory: @unchecked Sendable {
  // Sendable: the page is read with atomic loads, or after the atomic flag that says that its fields are written.

  /// How large the mapping has to be.
  static let size = PARALLEL_LANE_MEMORY_SIZE

  private let memory: UnsafeMutableRawBufferPointer?
  private let status: UnsafeMutablePointer<parallel_worker_status>

  /// Owns the mapping, which is zeroed, from here on.
  init(unmapping memory: UnsafeMutableRawBufferPointer) {
    self.memory = memory
    status = memory.baseAddress!.bindMemory(to: parallel_worker_status.self, capacity: 1)
  }

  /// In a worker, where the page stays as long as the process.
  init(sharedWithParent status: UnsafeMutablePointer<parallel_worker_status>) {
    memory = nil
    self.status = status
  }

  deinit { memory.map(SystemCalls.unmap) }

  var fates: ItemFates { ItemFates(status) }
  var cursors: BatchCursors { BatchCursors(status) }

  /// From parent to worker.
  var requests: SharedRing {
    SharedRing(
      words: field(\.requests), bytes: UnsafeMutableRawPointer(status) + Int(PARALLEL_STATUS_SIZE))
  }

  /// From worker to parent.
  var results: SharedRing {
    SharedRing(
      words: field(\.results),
      bytes: UnsafeMutableRawPointer(status) + Int(PARALLEL_STATUS_SIZE) + SharedRing.capacity)
  }

  private func field(
    _ path: PartialKeyPath<parallel_worker_status>
  ) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(status) + MemoryLayout<parallel_worker_status>.offset(of: path)!
  }

  /// Whether the parent sends nothing more.
  var isClosed: Bool { parallel_status_is_closed(status) }

  /// Parent: there will be nothing more. To be followed by a ring of the worker's bell.
  func close() { parallel_status_close(status) }

  /// In a worker: whether the parent wants this item, which runs, no more.
  func isCancelled(_ item: UInt64) -> Bool { parallel_status_is_cancelled(status, item) }

  /// Notes that this item, which the worker runs, is no longer wanted. To be followed by a ring of the cancel bell.
  func setCancelled(_ item: UInt64) { parallel_status_cancel(status, item) }

  /// The signal that the worker says is killing it, and what it has used by then.
  var death: (signal: Int32, usage: ResourceUsage)? {
    let signal = parallel_status_dying_signal(status)
    guard signal > 0, signal < 128 else { return nil }
    let usage = ResourceUsage(
      userTime: .microseconds(Int64(clamping: status.pointee.user_microseconds)),
      systemTime: .microseconds(Int64(clamping: status.pointee.system_microseconds)),
      peakMemory: Int(clamping: min(status.pointee.peak_kibibytes, 1 << 50)) * 1024)
    return (Int32(signal), usage)
  }
}
