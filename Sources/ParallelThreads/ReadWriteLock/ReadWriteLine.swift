import ParallelCore

/// A thread that waits for a ``ReadWriteLock``.
final class ReadWriteWaiter: @unchecked Sendable {
  // Sendable: the variables are touched only with the line's lock held.
  let access: ReadWriteAccess
  let parker = Parker()
  /// Somebody else let this reader in: it holds the lock, and stands in the line no more.
  var isAdmitted = false
  /// How often it was woken as the head of the line and found the lock taken.
  var passes = 0

  init(_ access: ReadWriteAccess) { self.access = access }
}

/// Who waits for a ``ReadWriteLock``, in order of arrival. Threads are few: an array does.
struct ReadWriteLine {
  private var waiters: [ReadWriteWaiter] = []
  private var writerCount = 0

  var head: ReadWriteWaiter? { waiters.first }
  var count: Int { waiters.count }
  var hasWriters: Bool { writerCount > 0 }

  /// How many readers stand before the first writer.
  var leadingReaders: Int { waiters.prefix { $0.access == .reading }.count }

  mutating func append(_ waiter: ReadWriteWaiter) {
    waiters.append(waiter)
    if waiter.access == .writing { writerCount += 1 }
  }

  mutating func remove(_ waiter: ReadWriteWaiter) {
    waiters.removeAll { $0 === waiter }
    if waiter.access == .writing { writerCount -= 1 }
  }

  /// Takes readers from the front, and tells them that they are in.
  mutating func admitReaders(_ count: Int) -> [ReadWriteWaiter] {
    let admitted = Array(waiters[..<count])
    waiters.removeFirst(count)
    for waiter in admitted { waiter.isAdmitted = true }
    return admitted
  }
}
