import Glibc
import ParallelCore

/// One thread's copies of all thread-locals: an array of boxes behind one slot of the thread. Nobody else
/// sees it.
@usableFromInline
struct ThreadLocalTable {
  /// A place of the table; its number is zero while it is empty.
  struct Entry {
    var number: UInt64 = 0
    /// Owns a reference.
    var box: Unmanaged<AnyObject>?
  }

  private var entries: UnsafeMutableBufferPointer<Entry>

  private static let slot: pthread_key_t = ThreadSlot.makeKey { table in
    guard let table else { return }
    // The C library has emptied the slot; destroying values needs the table to be there.
    pthread_setspecific(ThreadLocalTable.slot, table)
    destroyValues()
  }

  /// The calling thread's table, if it has one.
  private static var current: UnsafeMutablePointer<ThreadLocalTable>? {
    // The slot holds what `makeCurrent` put there, up to `destroyValues`.
    pthread_getspecific(slot)?.assumingMemoryBound(to: ThreadLocalTable.self)
  }

  /// What stands in the place, unretained; nil if that is nothing, or another thread-local's.
  @usableFromInline
  static func box(at place: ThreadLocalPlace) -> UnsafeMutableRawPointer? {
    guard let entries = current?.pointee.entries, place.index < entries.count,
      entries[place.index].number == place.number
    else { return nil }
    return entries[place.index].box?.toOpaque()
  }

  static func put(_ box: AnyObject, at place: ThreadLocalPlace) {
    let table = current ?? makeCurrent()
    if place.index >= table.pointee.entries.count { table.pointee.grow(toHold: place.index) }
    let old = table.pointee.entries[place.index].box
    table.pointee.entries[place.index] = Entry(number: place.number, box: .passRetained(box))
    // Last, because it may run code of the user's, which may come back here.
    old?.release()
  }

  /// Destroys the calling thread's copy, if it has one.
  static func clear(_ place: ThreadLocalPlace) {
    guard box(at: place) != nil else { return }
    current?.pointee.takeBox(at: place.index)?.release()
  }
}

// The end of a thread.
extension ThreadLocalTable {
  /// Bounds the work of values that make new values when they are destroyed.
  private static let cleanupRounds = 8

  /// Destroys all copies of the calling thread.
  static func destroyValues() {
    guard let table = current else { return }
    for _ in 0..<cleanupRounds {
      guard destroyRound(table) else { break }
    }
    // What is left now is left for good, so that the thread can end.
    pthread_setspecific(slot, nil)
    table.pointee.entries.deallocate()
    table.deinitialize(count: 1).deallocate()
  }

  /// Destroys what is there; false when that was nothing. A value that goes may use the table: no access to
  /// it is held.
  private static func destroyRound(_ table: UnsafeMutablePointer<ThreadLocalTable>) -> Bool {
    var index = 0
    var found = false
    while index < table.pointee.entries.count {
      if let box = table.pointee.takeBox(at: index) {
        found = true
        box.release()
      }
      index += 1
    }
    return found
  }
}

// Its memory.
extension ThreadLocalTable {
  private static func makeCurrent() -> UnsafeMutablePointer<ThreadLocalTable> {
    let table = UnsafeMutablePointer<ThreadLocalTable>.allocate(capacity: 1)
    table.initialize(to: ThreadLocalTable(entries: .empty(8)))
    pthread_setspecific(slot, table)
    return table
  }

  private mutating func grow(toHold index: Int) {
    let larger = UnsafeMutableBufferPointer<Entry>.empty(max(index + 1, 2 * entries.count))
    // The references move along; the old memory holds nothing that needs an end.
    for (place, entry) in entries.enumerated() { larger[place] = entry }
    entries.deallocate()
    entries = larger
  }

  private mutating func takeBox(at index: Int) -> Unmanaged<AnyObject>? {
    defer { entries[index] = Entry() }
    return entries[index].box
  }
}

extension UnsafeMutableBufferPointer<ThreadLocalTable.Entry> {
  fileprivate static func empty(_ count: Int) -> Self {
    let entries = Self.allocate(capacity: count)
    entries.initialize(repeating: ThreadLocalTable.Entry())
    return entries
  }
}
