import ParallelCore
import Synchronization

/// Reading by a thread that waits for a result, in the reactor's place; one such thread at a time.
///
/// Whoever reads holds `reading`; what is decided here is only who gets rung. The reactor may read at any time all the
/// same (a worker that dies, a message by socket), and then is rung from there on: results still arrive, if with a
/// detour.
extension RingLane {
  enum DirectReading {
    case results
    case nothing
    /// Somebody else reads, or what comes next comes by socket, for which the reactor waits.
    case notNow
  }

  /// The worker need not ring while this thread looks again and again.
  func takeFromReactor() { memory.results.bell.cancel() }

  /// The worker rings the reactor again.
  func returnToReactor() {
    memory.results.bell.prepare(.inReactor)
    flush()
    if hasNews { Reactor.shared.perform { [self] in receive() } }
  }

  /// The same, where there may be something that is not seen from outside: a message that has come by socket.
  func returnUnfinished() {
    returnToReactor()
    Reactor.shared.perform { [self] in receive() }
  }

  /// The worker wakes who sleeps on the word. To be followed by another look.
  func sleepDirectly() {
    memory.results.bell.prepare(.onWord)
    flush()
  }

  var wordToSleepOn: Futex.SharedWord { memory.results.bell.wordToSleepOn }

  /// Whether something may have come, seen without the lock.
  var hasNews: Bool {
    memory.results.tail != readUpTo.load(ordering: .sequentiallyConsistent)
  }

  /// Reads and reports what has come.
  func readDirectly() -> DirectReading {
    guard reading.tryLock() else { return .notNow }
    defer { reading.unlock() }
    guard isReading, !awaitsSocket else { return .notNow }
    do {
      if try readOnce() { return awaitsSocket ? .notNow : .results }
      return .nothing
    } catch {
      // Found again, and dealt with, by the reactor: what makes no sense is still in the ring.
      return .notNow
    }
  }
}
