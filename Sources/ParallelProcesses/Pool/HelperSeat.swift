import ParallelCore

/// The place of the one thread that reads a pool's results itself while it waits for one.
///
/// Who leaves comes back soon as a rule, and meanwhile nobody waits for what the lanes bring. So they stay as they are,
/// with nobody rung, for a moment: until somebody else waits, or until the reactor looks after them.
struct HelperSeat {
  private var isTaken = false
  private var finishIsDue = false
  /// Lanes whose workers ring nobody: read by who sits here, or by nobody for the moment.
  private var lanes: [RingLane] = []
  /// How long it is worth looking before sleeping, as learned by all who sat here.
  private var spin = IdleSpin(isAllowed: IdleSpin.isAffordable)
  /// Somebody waits who can't help.
  private var othersWait = false
  /// The reactor will look after the lanes.
  private var isWatched = false

  /// What the thread in the seat has in its hands.
  struct Tools {
    var lanes: [RingLane]
    var spin: IdleSpin
  }

  /// Nil if another thread sits there.
  mutating func take() -> Tools? {
    guard !isTaken else {
      othersWait = true
      return nil
    }
    isTaken = true
    defer { lanes = [] }
    return Tools(lanes: lanes, spin: spin)
  }

  /// What is to be done after leaving.
  struct Leaving {
    /// Lanes that go back to the reactor now.
    var returned: [RingLane] = []
    /// The reactor has to be told to look after the others.
    var needsWatch = false
    /// The pool has come to its end meanwhile, and that has to be said now.
    var finishes = false
  }

  mutating func leave(_ tools: Tools) -> Leaving {
    isTaken = false
    spin = tools.spin
    var leaving = Leaving(finishes: finishIsDue)
    finishIsDue = false
    if othersWait {
      othersWait = false
      leaving.returned = tools.lanes
    } else {
      lanes = tools.lanes
      leaving.needsWatch = !lanes.isEmpty && !isWatched
      if leaving.needsWatch { isWatched = true }
    }
    return leaving
  }

  /// Somebody begins to wait who can't help. Returns lanes that go back to the reactor now.
  mutating func somebodyWaits() -> [RingLane] {
    if isTaken {
      othersWait = true
      return []
    }
    defer { lanes = [] }
    return lanes
  }

  /// The reactor looks after the lanes, and gets them back, unless somebody reads them: who leaves has it come again.
  mutating func look() -> [RingLane] {
    isWatched = false
    defer { lanes = [] }
    return lanes
  }

  /// False if that has to wait until the helper has left.
  mutating func mayFinish() -> Bool {
    if isTaken { finishIsDue = true }
    return !isTaken
  }
}
