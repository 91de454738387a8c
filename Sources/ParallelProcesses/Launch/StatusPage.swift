internal import CParallel
import ParallelCore

/// A worker's status page, mapped here as long as this object lives. What is in it is the worker's word.
final class StatusPage: @unchecked Sendable {
  // Sendable: the page is read with atomic loads, or after the atomic flag that says that its fields are written.

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

  /// In a worker: the item that the parent wants no more.
  var cancelledItem: UInt64 { parallel_status_cancelled_item(status) }

  /// Tells the worker which item is no longer wanted.
  func setCancelledItem(_ item: UInt64) { parallel_status_set_cancelled_item(status, item) }

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
