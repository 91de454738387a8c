import Glibc
import ParallelCore

/// One thread's copies of all thread-locals: an array behind one slot of the thread. Nobody else
/// sees it.
@usableFromInline
struct ThreadLocalTable {
  /// A place of the table; its number is zero while it is empty.
  struct Entry {
    var number: UInt64 = 0
    var cell: UnsafeMutableRawPointer?
    /// The cell's owner, and a reference to it.
    var owner: Unmanaged<AnyObject>?
  }

  private var entries: UnsafeMutableBufferPointer<Entry>

  static let slot: pthread_key_t = ThreadSlot.makeKey { table in
    guard let table else { return }
    // The C library has emptied the slot; destroying values needs the table to be there.
    pthread_setspecific(ThreadLocalTable.slot, table)
    destroyValues()
  }

  /// The calling thread's table, if it has one.
  private static func current(in slot: pthread_key_t = slot) -> UnsafeMutablePointer<ThreadLocalTable>? {
    // The slot holds what `makeCurrent` put there, up to `destroyValues`.
    pthread_getspecific(slot)?.assumingMemoryBound(to: ThreadLocalTable.self)
  }

  /// The cell that stands in the place; nil if that is nothing, or another thread-local's.
  @usableFromInline
  static func cell(at place: ThreadLocalPlace) -> UnsafeMutableRawPointer? {
    guard let entries = current(in: place.slot)?.pointee.entries, place.index < entries.count,
      entries[place.index].number == place.number
    else { return nil }
    return entries[place.index].cell
  }

  static func put(_ cell: UnsafeMutableRawPointer, of owner: AnyObject, at place: ThreadLocalPlace) {
    let table = current() ?? makeCurrent()
    if place.index >= table.pointee.entries.count { table.pointee.grow(toHold: place.index) }
    let old = table.pointee.entries[place.index].owner
    table.pointee.entries[place.index] = Entry(
      number: place.number, cell: cell, owner: .passRetained(owner))
    // Last, because it may run code of the user's, which may come back here.
    old?.release()
  }

  /// Destroys the calling thread's copy, if it has one.
  static func clear(_ place: ThreadLocalPlace) {
    guard cell(at: place) != nil else { return }
    current()?.pointee.takeOwner(at: place.index)?.release()
  }
}

// The end of a thread.
extension ThreadLocalTable {
  /// Bounds the work of values that make new values when they are destroyed.
  private static let cleanupRounds = 8

  /// Destroys all copies of the calling thread.
  static func destroyValues() {
    guard let table = current() else { return }
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
      if let owner = table.pointee.takeOwner(at: index) {
        found = true
        owner.release()
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

  private mutating func takeOwner(at index: Int) -> Unmanaged<AnyObject>? {
    defer { entries[index] = Entry() }
    return entries[index].owner
  }
}

extension UnsafeMutableBufferPointer<ThreadLocalTable.Entry> {
  fileprivate static func empty(_ count: Int) -> Self {
    let entries = Self.allocate(capacity: count)
    entries.initialize(repeating: ThreadLocalTable.Entry())
    return entries
  }
}
