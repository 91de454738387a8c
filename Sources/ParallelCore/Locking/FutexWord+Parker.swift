// One thread's sleep and its wake-up, kept if it comes first.

/// What the word of a parker holds.
public enum ParkerWord {
  /// Nobody has been woken.
  public static let empty: UInt32 = 0
  /// A wake-up that nobody has taken yet.
  public static let woken: UInt32 = 1
}

extension FutexWord where Self: ~Copyable {
  /// Sleeps until `parkerUnpark` or until the deadline; false if the deadline came first. A wake-up wins a tie.
  public func parkerPark(until deadline: Deadline) throws(Failure) -> Bool {
    while true {
      if try exchangeAcquiring(ParkerWord.empty) == ParkerWord.woken { return true }
      if try sleep(while: ParkerWord.empty, until: deadline) == .timedOut {
        return try exchangeAcquiring(ParkerWord.empty) == ParkerWord.woken
      }
    }
  }

  /// Wakes the parked thread, or lets its next `parkerPark` return at once.
  public func parkerUnpark() throws(Failure) {
    if try exchangeReleasing(ParkerWord.woken) == ParkerWord.empty { try wakeOne() }
  }
}
