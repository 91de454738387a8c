import Synchronization

/// A place where one thread sleeps until another wakes it; a wake-up that comes first is kept.
///
/// One thread parks, any thread unparks, once for each `park`.
package final class Parker: Sendable {
  private let word = Atomic<UInt32>(ParkerWord.empty)

  package init() {}

  /// Sleeps until `unpark` or until the deadline; returns false if the deadline came first.
  ///
  /// A wake-up wins a tie with the deadline.
  package func park(until deadline: Deadline = .never) -> Bool { word.parkerPark(until: deadline) }

  /// Wakes the parked thread, or lets its next `park` return at once.
  package func unpark() { word.parkerUnpark() }
}
