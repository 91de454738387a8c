import ParallelCore

/// Who of how many has come, generation after generation.
///
/// A generation fills until all have come. Then its leader, who came last, runs the action, and afterwards lets the
/// others go. Meanwhile the next generation fills. Breaking the barrier ends every wait, and lets a leader know when it
/// comes back from its action; nothing but a reset mends it.
struct BarrierState: WaitRoomState {
  struct Request: Sendable {
    let generation: UInt64
    let index: Int
    /// Written by whoever ends the wait.
    var isBroken = false
  }

  enum Arrival {
    case waits(Request)
    /// The last one; has to run the action, and to say so.
    case leads(generation: UInt64)
    case refused
  }

  let parties: Int
  private(set) var isBroken = false
  /// How many of the filling generation have come.
  private(set) var arrived = 0
  private var generation: UInt64 = 0
  /// Those whose leader is running the action.
  private var acting: Set<UInt64> = []

  init(parties: Int) { self.parties = parties }

  mutating func arrive() -> Arrival {
    if isBroken { return .refused }
    arrived += 1
    if arrived < parties { return .waits(Request(generation: generation, index: arrived - 1)) }
    defer {
      arrived = 0
      generation += 1
    }
    acting.insert(generation)
    return .leads(generation: generation)
  }

  /// The leader has run the action; lets the others go, unless the barrier was broken or reset meanwhile.
  mutating func release(generation: UInt64, _ waiters: inout WaitList<Request>) -> Bool {
    guard acting.remove(generation) != nil else { return false }
    waiters.admitAll { $0.generation == generation }
    return true
  }

  /// The leader's action threw: its barrier is broken, unless a break or reset has ended that generation before.
  mutating func fail(generation: UInt64, _ waiters: inout WaitList<Request>) {
    if acting.contains(generation) { self.break(&waiters) }
  }

  /// Ends all waits as broken.
  mutating func `break`(_ waiters: inout WaitList<Request>) {
    isBroken = true
    arrived = 0
    generation += 1
    acting.removeAll()
    waiters.admitAll { request in
      request.isBroken = true
      return true
    }
  }

  mutating func reset(_ waiters: inout WaitList<Request>) {
    self.break(&waiters)
    isBroken = false
  }

  /// One that does not wait any longer is missed by the others.
  mutating func left(_ request: Request, waiters: inout WaitList<Request>) { self.break(&waiters) }
}
