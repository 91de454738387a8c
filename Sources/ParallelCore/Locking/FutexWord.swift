public import Synchronization

/// A word that threads race for and sleep on, as the locking protocols see it.
///
/// The protocols (``mutexLock(until:)``, ``parkerPark(until:)`` and their kind) are written against this instead of
/// against `Atomic`, so that the tests can run the very same code step by step under every interleaving. In the
/// package's own use `Failure` is `Never` and everything is specialized away.
public protocol FutexWord: ~Copyable {
  /// What a step can throw: nothing, but for a test that stops a thread between two steps.
  associatedtype Failure: Error

  /// How many pauses a thread makes before it sleeps.
  var spinRounds: Int { get }
  /// What the word holds; orders nothing.
  func loadRelaxed() throws(Failure) -> UInt32
  /// Replaces `expected`; returns whether it did. Sees what was written before a release, if it did.
  func compareExchangeAcquiring(_ expected: UInt32, _ desired: UInt32) throws(Failure) -> Bool
  /// Returns what the word held, and sees what was written before it was released.
  func exchangeAcquiring(_ desired: UInt32) throws(Failure) -> UInt32
  /// Returns what the word held, and makes known what was written before.
  func exchangeReleasing(_ desired: UInt32) throws(Failure) -> UInt32
  /// Sleeps while the word holds `expected`; see ``Futex``.
  func sleep(while expected: UInt32, until deadline: Deadline) throws(Failure) -> Futex.Wakeup
  /// Wakes one sleeper, if there is one.
  func wakeOne() throws(Failure)
  /// Lets some time pass without giving the processor away.
  func pause(_ count: Int) throws(Failure)
}

extension Atomic: FutexWord where Value == UInt32 {
  /// See ``FutexWord``.
  public var spinRounds: Int { Spinning.rounds }

  /// See ``FutexWord``.
  @inlinable
  public func loadRelaxed() -> UInt32 { load(ordering: .relaxed) }

  /// See ``FutexWord``.
  @inlinable
  public func compareExchangeAcquiring(_ expected: UInt32, _ desired: UInt32) -> Bool {
    compareExchange(
      expected: expected, desired: desired, successOrdering: .acquiring, failureOrdering: .relaxed
    ).exchanged
  }

  /// See ``FutexWord``.
  @inlinable
  public func exchangeAcquiring(_ desired: UInt32) -> UInt32 { exchange(desired, ordering: .acquiring) }

  /// See ``FutexWord``.
  @inlinable
  public func exchangeReleasing(_ desired: UInt32) -> UInt32 { exchange(desired, ordering: .releasing) }

  /// See ``FutexWord``.
  public func sleep(while expected: UInt32, until deadline: Deadline) -> Futex.Wakeup {
    Futex.wait(self, while: expected, until: deadline)
  }

  /// See ``FutexWord``.
  public func wakeOne() { Futex.wake(self, count: 1) }

  /// See ``FutexWord``.
  public func pause(_ count: Int) { Spinning.pause(count) }
}
