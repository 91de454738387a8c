import ParallelCore

/// A condition knows nothing but who waits.
struct ConditionState: WaitRoomState {
  typealias Request = Void
}
