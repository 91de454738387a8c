import Glibc
import ParallelCore

/// A place in the table of each thread, for as long as its thread-local lives.
@usableFromInline
struct ThreadLocalPlace: Sendable {
  let index: Int
  /// Never given out again: what stands in the place under another number belongs to a thread-local that is
  /// gone.
  let number: UInt64
  /// Where each thread's table is. Kept here, because looking up a static variable costs more than all the
  /// rest.
  let slot = ThreadLocalTable.slot
}

/// Gives out the places, and takes them back.
package enum ThreadLocalPlaces {
  private struct State {
    var unused: [Int] = []
    var count = 0
    /// Zero is for places that are empty.
    var lastNumber: UInt64 = 0
  }

  private static let state = Guarded(State())

  static func take() -> ThreadLocalPlace {
    state.withLock { state in
      state.lastNumber += 1
      if let index = state.unused.popLast() {
        return ThreadLocalPlace(index: index, number: state.lastNumber)
      }
      state.count += 1
      return ThreadLocalPlace(index: state.count - 1, number: state.lastNumber)
    }
  }

  static func giveBack(_ place: ThreadLocalPlace) { state.withLock { $0.unused.append(place.index) } }

  /// How many places there are, in use or not: for tests.
  package static var count: Int { state.withLock { $0.count } }
}
