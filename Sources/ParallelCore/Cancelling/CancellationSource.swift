import Synchronization

/// A wish to stop that is made once, and those who want to hear of it at once.
///
/// Who observes must be quick and call no code of the user's: observers run on the thread that cancels, without a lock.
package final class CancellationSource: Sendable {
  package typealias Observer = @Sendable () -> Void
  package typealias Observation = UInt64

  private struct Observers {
    var last: Observation = 0
    var table: [Observation: Observer] = [:]
  }

  private let flag = Atomic<Bool>(false)
  private let observers = Guarded(Observers())

  package init() {}

  package var isCancelled: Bool { flag.load(ordering: .acquiring) }

  /// Makes the wish known; false if it had been made before.
  @discardableResult
  package func cancel() -> Bool {
    guard !flag.exchange(true, ordering: .acquiringAndReleasing) else { return false }
    // Who was not in the table yet will see the flag, which is looked at under the same lock.
    let told = observers.withLock { observers in
      defer { observers.table = [:] }
      return observers.table.sorted { $0.key < $1.key }
    }
    for (_, observer) in told { observer() }
    return true
  }

  /// Has `observer` called once the wish is made; nil, and nothing else, if it was made before.
  package func observe(_ observer: @escaping Observer) -> Observation? {
    observers.withLock { observers in
      if isCancelled { return nil }
      observers.last += 1
      observers.table[observers.last] = observer
      return observers.last
    }
  }

  /// How many observers there are, for tests of leaks.
  package var observerCount: Int { observers.withLock { $0.table.count } }

  /// Takes it back; a call of the observer may be under way still.
  package func forget(_ observation: Observation) {
    // The observer is let go of outside of the lock.
    let observer = observers.withLock { $0.table.removeValue(forKey: observation) }
    withExtendedLifetime(observer) {}
  }
}
