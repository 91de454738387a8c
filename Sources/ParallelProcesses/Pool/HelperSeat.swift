/// The place of the one thread that reads a pool's results itself while it waits for one.
struct HelperSeat {
  private var isTaken = false
  private var finishIsDue = false
  /// How long it is worth looking before sleeping, as learned by all who sat here.
  private var spin = IdleSpin()

  /// Nil if another thread sits there.
  mutating func take() -> IdleSpin? {
    guard !isTaken else { return nil }
    isTaken = true
    return spin
  }

  /// True if the pool has come to its end meanwhile, and that has to be said now.
  mutating func leave(_ spin: IdleSpin) -> Bool {
    isTaken = false
    self.spin = spin
    defer { finishIsDue = false }
    return finishIsDue
  }

  /// False if that has to wait until the helper has left.
  mutating func mayFinish() -> Bool {
    if isTaken { finishIsDue = true }
    return !isTaken
  }
}
