extension Checker {
  /// What a thread's function does next, and its log without what has been forgotten; found once for each log.
  struct Plan {
    enum Next {
      case perform(Operation<Shared>)
      case end
      case fail(String)
    }

    var next: Next
    var log: LogTable.Log
  }

  struct PlanKey: Hashable {
    var thread: Int
    var round: Int
    var log: LogTable.Log
  }

  /// Tells a thread the result of its operation; it is ready for the next then.
  mutating func advance(_ thread: Int, with result: Int, in snapshot: inout Snapshot<Shared>) {
    let log = logs.appending(.result(result), to: snapshot.threads[thread].log)
    snapshot.threads[thread].log = log
    snapshot.threads[thread].status = .ready
    settle(thread, in: &snapshot)
  }

  /// Forgets what a thread need not know, and begins the next round of one whose function has ended, or ends it.
  mutating func settle(_ thread: Int, in snapshot: inout Snapshot<Shared>) {
    while true {
      let plan = plan(thread, in: snapshot)
      snapshot.threads[thread].log = plan.log
      guard case .end = plan.next else { return }
      snapshot.threads[thread].round += 1
      snapshot.threads[thread].log = LogTable.empty
      if snapshot.threads[thread].round == scenario.threads[thread].rounds {
        snapshot.threads[thread].status = .ended
        return
      }
    }
  }

  /// What a thread does next: found by running its function with what it has been told so far.
  mutating func plan(_ thread: Int, in snapshot: Snapshot<Shared>) -> Plan {
    let state = snapshot.threads[thread]
    let key = PlanKey(thread: thread, round: state.round, log: state.log)
    if let known = plans[key] { return known }
    let replay = SimulatedThread<Shared>(
      round: state.round, spinRounds: scenario.spinRounds, log: logs.entries(of: state.log))
    try? scenario.threads[thread].body(replay)
    let next: Plan.Next =
      if let message = replay.failure {
        .fail("\(scenario.threads[thread].name): \(message)")
      } else if let operation = replay.pending {
        .perform(operation)
      } else {
        .end
      }
    // What has failed must not be forgotten.
    let log = replay.failure == nil ? logs.number(of: replay.log) : state.log
    let plan = Plan(next: next, log: log)
    plans[key] = plan
    return plan
  }
}
