import ParallelCore

/// Those who wait for a monitor's value to meet a condition. The value itself is not here: its own lock guards it.
struct MonitorState<State>: WaitRoomState {
  struct Request: Sendable {
    let condition: @Sendable (State) -> Bool
    /// Goes on alone, because it may change the state so that others have nothing to go on with.
    let isExclusive: Bool
    /// Its place among all who ever waited; given to it when it first has to wait.
    var number: UInt64?
  }
}
