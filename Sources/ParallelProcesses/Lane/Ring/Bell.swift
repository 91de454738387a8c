import ParallelCore
import Synchronization

/// How a consumer sleeps, in a word that its producers see, and how they wake it. Protocol: Ring.md.
struct Bell: @unchecked Sendable {
  // Sendable: the word is only reached atomically.

  enum Sleep: UInt32 {
    /// On the word itself.
    case onWord = 1
    /// In the reactor, which waits for an eventfd.
    case inReactor = 2
  }

  private static let awake: UInt32 = 0

  private let word: UnsafeMutablePointer<Atomic<UInt32>>

  init(_ word: UnsafeMutablePointer<Atomic<UInt32>>) { self.word = word }

  /// Consumer: is about to sleep in this way, and looks once more before it does.
  func prepare(_ sleep: Sleep) { word.pointee.store(sleep.rawValue, ordering: .sequentiallyConsistent) }

  /// Consumer: will not sleep after all, or has woken up.
  func cancel() { word.pointee.store(Self.awake, ordering: .sequentiallyConsistent) }

  /// Consumer, after `prepare(.onWord)`: sleeps until woken or until the deadline. May return early.
  func sleep(until deadline: Deadline = .never) {
    _ = Futex.wait(shared: word, while: Sleep.onWord.rawValue, until: deadline)
  }

  /// Consumer, after `prepare(.onWord)`: for a sleep on several words.
  var wordToSleepOn: Futex.SharedWord { Futex.SharedWord(word, while: Sleep.onWord.rawValue) }

  /// Anybody, after writing what the consumer should see: wakes it if it sleeps. `ringReactor` is for one that sleeps
  /// in the reactor.
  @inline(__always)
  func ring(_ ringReactor: () -> Void) {
    if word.pointee.load(ordering: .sequentiallyConsistent) != Self.awake { wake(ringReactor) }
  }

  @inline(never)
  private func wake(_ ringReactor: () -> Void) {
    switch Sleep(rawValue: word.pointee.exchange(Self.awake, ordering: .sequentiallyConsistent)) {
    case .onWord: Futex.wake(shared: word)
    case .inReactor: ringReactor()
    // Somebody else has woken it meanwhile; or a corrupted worker wrote nonsense there, which is its own loss.
    case nil: break
    }
  }
}
