import ParallelCore
import SystemPackage

/// Tells the one who starts a thread whether the thread got what can only be asked for on the thread itself.
///
/// Costs a wake-up, some 50 microseconds: for threads that ask for such a thing only.
final class StartHandshake: Sendable {
  private let answer = Guarded<Errno?>(nil)
  private let parker = Parker()

  /// On the new thread: tries, tells, and returns whether it went well.
  func tell(_ attempt: () throws(Errno) -> Void) -> Bool {
    defer { parker.unpark() }
    do {
      try attempt()
      return true
    } catch {
      answer.withLock { $0 = error }
      return false
    }
  }

  /// Waits for the new thread; nil when it went well.
  func refusal() -> Errno? {
    _ = parker.park()
    return answer.withLock { $0 }
  }
}
