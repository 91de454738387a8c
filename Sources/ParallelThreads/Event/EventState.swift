import ParallelCore

/// A flag, and those who wait for it.
struct EventState: WaitRoomState {
  typealias Request = Void

  var isSet: Bool

  /// Sets the flag. Those who wait now go on, even if the flag is cleared before they have awoken.
  mutating func set(_ waiters: inout WaitList<Void>) {
    isSet = true
    waiters.admitAll()
  }
}
