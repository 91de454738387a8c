/// Searches all schedules of a scenario, depth first.
///
/// Two schedules that lead to the same snapshot go on in the same way; so each snapshot is looked at once. The number
/// of schedules is counted all the same: it is the sum of those that begin with each next move.
struct Checker<Shared: Hashable> {
  let scenario: Scenario<Shared>

  var logs = LogTable()
  var plans: [PlanKey: Plan] = [:]
  private var schedules: [Snapshot<Shared>: Double] = [:]
  private var path: [Move<Shared>] = []
  private var report = CheckReport()

  init(_ scenario: Scenario<Shared>) { self.scenario = scenario }

  mutating func run() throws(Violation) -> CheckReport {
    var start = Snapshot(
      words: scenario.words.map { _ in 0 }, shared: scenario.shared,
      threads: scenario.threads.map { _ in .init() }, spuriousLeft: scenario.spuriousWakeUps)
    for thread in start.threads.indices { settle(thread, in: &start) }
    report.schedules = try explore(start)
    report.states = schedules.count
    return report
  }

  /// Returns how many schedules go on from here.
  private mutating func explore(_ snapshot: Snapshot<Shared>) throws(Violation) -> Double {
    if let known = schedules[snapshot] { return known }
    report.longest = max(report.longest, path.count)
    if path.count > scenario.longestSchedule { throw violation("no end is in sight") }
    let next = try moves(from: snapshot)
    if !next.contains(where: \.isProgress) { try rest(snapshot, next) }
    var count = next.isEmpty ? 1.0 : 0
    for move in next {
      path.append(move)
      count += try explore(move.next)
      path.removeLast()
    }
    report.moves += next.count
    schedules[snapshot] = count
    return count
  }

  /// All have ended, or all who have not sleep.
  private func rest(_ snapshot: Snapshot<Shared>, _ moves: [Move<Shared>]) throws(Violation) {
    if snapshot.allHaveEnded {
      if let message = scenario.atEnd(snapshot) { throw violation(message) }
      return
    }
    if let message = scenario.atRest(snapshot) { throw violation(message) }
    if !scenario.restIsFine, moves.allSatisfy(\.isSpurious) {
      throw violation("deadlock: \(sleepers(in: snapshot)) for ever")
    }
  }

  private func sleepers(in snapshot: Snapshot<Shared>) -> String {
    let names = scenario.threads.indices.filter { snapshot.threads[$0].status != .ended }
      .map { scenario.threads[$0].name }
    return names.joined(separator: " and ") + (names.count == 1 ? " sleeps" : " sleep")
  }

  func violation(_ message: String) -> Violation {
    Violation(message: message, schedule: path.map { $0.described(in: scenario) })
  }
}
