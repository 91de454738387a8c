import ParallelCore

extension ConditionCode {
  /// Waiters that each wait once, whatever for, and a notifier that ends so many waits at a time.
  ///
  /// Who comes after the last notification waits for ever, or to its deadline; nobody else does.
  func waits(_ deadlines: [Deadline], notify counts: [Int]) -> Scenario<Workshop> {
    var scenario = workshop(parkers: deadlines.indices.map { "parker \($0)" })
    for (number, deadline) in deadlines.enumerated() {
      scenario.thread("waiter \(number)") { me throws(Suspended) in
        try ConditionCode.lock(me)
        _ = try waitOnce(me, number + 1, deadline)
        try ConditionCode.unlock(me)
      }
    }
    scenario.thread("notifier", rounds: counts.count) { me throws(Suspended) in
      try bring(0, notifying: counts[me.round], me)
    }
    scenario.restIsFine = true
    scenario.atRest = { rest in
      let sleepers = rest.threads.count { $0.status != .ended }
      if sleepers != rest.shared.line.waiting.count { return "somebody sleeps who does not stand in line" }
      return check(rest)
    }
    return scenario
  }

  /// Consumers that take one item each, or give up at their deadline, and one producer that brings items in portions,
  /// notifying as many as there are items in each. There have to be enough for all consumers.
  func market(consumers: [Deadline], portions: [Int]) -> Scenario<Workshop> {
    // Another may take the item before one who was notified: then that one waits again.
    let attempts = portions.count + 1
    var scenario = workshop(
      parkers: consumers.indices.flatMap { consumer in (0..<attempts).map { "parker \(consumer).\($0)" } })
    for (number, deadline) in consumers.enumerated() {
      scenario.thread("consumer \(number)") { me throws(Suspended) in
        var parker = number * attempts + 1
        try ConditionCode.lock(me)
        while try me.step("takes an item, if there is one", { $0.takeItem() ? 1 : 0 }) == 0 {
          guard try waitOnce(me, parker, deadline) else { break }
          parker += 1
        }
        try ConditionCode.unlock(me)
      }
    }
    scenario.thread("producer", rounds: portions.count) { me throws(Suspended) in
      try bring(portions[me.round], notifying: portions[me.round], me)
    }
    return scenario
  }

  private func workshop(parkers: [String]) -> Scenario<Workshop> {
    var scenario = Scenario(words: ["the mutex"] + parkers, shared: Workshop())
    scenario.atEnd = { $0.shared.line.waiting.isEmpty ? check($0) : "somebody is left in line" }
    return scenario
  }

  private func check(_ end: Snapshot<Workshop>) -> String? {
    if end.words[0] != MutexWord.free { return "the mutex is held at the end" }
    return end.shared.admitted.sorted() == end.shared.notified
      ? nil : "admitted \(end.shared.admitted), but notified \(end.shared.notified)"
  }

  /// Waits with the mutex held, and looks whether it is held afterwards.
  private func waitOnce(_ me: WorkshopThread, _ parker: Int, _ deadline: Deadline) throws(Suspended) -> Bool {
    let isNotified = try wait(me, parker, deadline)
    me.require(isNotified || deadline != .never, "gave up without a deadline")
    let isAlone = try me.step(isNotified ? "was notified" : "was not notified") { shop in
      if isNotified { shop.note(notified: parker) }
      return shop.isBusy ? 0 : 1
    }
    me.require(isAlone == 1, "returned while the notifier holds the mutex")
    return isNotified
  }

  private func bring(_ items: Int, notifying count: Int, _ me: WorkshopThread) throws(Suspended) {
    try ConditionCode.lock(me)
    try me.step("holds the mutex, and brings \(items) items") { shop in
      shop.isBusy = true
      shop.items += items
      return 0
    }
    try notify(me, count)
    let isFair = try me.step("is about to unlock") { shop in
      shop.isBusy = false
      return shop.isFair ? 1 : 0
    }
    me.require(isFair == 1, "not those were notified who had waited longest")
    try ConditionCode.unlock(me)
  }
}

extension Workshop {
  fileprivate mutating func takeItem() -> Bool {
    if items == 0 { return false }
    items -= 1
    return true
  }
}
