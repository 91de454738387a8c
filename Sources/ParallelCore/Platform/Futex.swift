internal import CParallel
import Glibc
package import Synchronization

/// Sleeping on an atomic word until another thread changes it and wakes the sleepers.
///
/// The corresponding system call is `futex(2)`; in its private form, which is faster, except where a call says that the
/// word is shared between processes.
public enum Futex {
  /// Why a wait ended.
  public enum Wakeup {
    /// Woken, interrupted by a signal, or the word had already changed: look at the word again.
    case lookAgain
    /// The deadline has passed.
    case timedOut
  }

  /// Sleeps while `word` holds `expected`, until woken or until `deadline`.
  package static func wait(
    _ word: borrowing Atomic<UInt32>, while expected: UInt32, until deadline: Deadline
  ) -> Wakeup {
    let result = withWord(word) { parallel_futex_wait($0, expected, deadline.nanoseconds, false) }
    return result == ETIMEDOUT ? .timedOut : .lookAgain
  }

  /// Wakes up to `count` threads that sleep on `word`.
  package static func wake(_ word: borrowing Atomic<UInt32>, count: Int32) {
    _ = withWord(word) { parallel_futex_wake($0, count, false) }
  }

  /// Sleeps while a word that processes share holds `expected`, until woken or until `deadline`.
  package static func wait(
    shared word: UnsafeMutablePointer<Atomic<UInt32>>, while expected: UInt32, until deadline: Deadline
  ) -> Wakeup {
    let result = parallel_futex_wait(plain(word), expected, deadline.nanoseconds, true)
    return result == ETIMEDOUT ? .timedOut : .lookAgain
  }

  /// Wakes whoever sleeps on a word that processes share.
  package static func wake(shared word: UnsafeMutablePointer<Atomic<UInt32>>) {
    _ = parallel_futex_wake(plain(word), Int32.max, true)
  }

  /// A word that another process shares, and what it holds while there is nothing to wake up for.
  package struct SharedWord {
    let waiter: parallel_futex_waiter

    package init(_ word: UnsafeMutablePointer<Atomic<UInt32>>, while expected: UInt32) {
      waiter = parallel_futex_waiter(plain(word), expected, true)
    }
  }

  /// The most shared words that one wait can watch beside a private one.
  package static let mostSharedWords = Int(PARALLEL_FUTEX_WAIT_ANY_MAX) - 1

  /// Sleeps while `word` and all the shared words hold what is expected, until woken or until `deadline`. Nil where the
  /// system can't do that (before Linux 5.16, or where a filter forbids it).
  ///
  /// The corresponding system call is `futex_waitv(2)`.
  package static func wait(
    _ word: borrowing Atomic<UInt32>, while expected: UInt32, besides shared: [SharedWord],
    until deadline: Deadline
  ) -> Wakeup? {
    let result = withWord(word) { word in
      let waiters = [parallel_futex_waiter(word, expected, false)] + shared.map(\.waiter)
      return parallel_futex_wait_any(waiters, UInt32(waiters.count), deadline.nanoseconds)
    }
    switch result {
    case 0, EAGAIN, EINTR: return .lookAgain
    case ETIMEDOUT: return .timedOut
    // Unknown to the kernel, or filtered: who looked again would never sleep.
    default: return nil
    }
  }

  private static func plain(_ word: UnsafeMutablePointer<Atomic<UInt32>>) -> UnsafePointer<UInt32> {
    // `Atomic<UInt32>` has the layout of a UInt32; only the kernel reads through this pointer.
    UnsafeRawPointer(word).assumingMemoryBound(to: UInt32.self)
  }

  private static func withWord<R>(_ word: borrowing Atomic<UInt32>, _ body: (UnsafePointer<UInt32>) -> R) -> R
  {
    // An `Atomic` is never copied or moved, so its address is that of the storage it lives in; the kernel only
    // compares the word there.
    withUnsafePointer(to: word) { body(UnsafeRawPointer($0).assumingMemoryBound(to: UInt32.self)) }
  }
}
