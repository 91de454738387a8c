import ParallelCore
import TestSupport
import Testing

/// Conditions with one mistake each: the checker has to find it.
@Suite(.disabled(if: isThreadSanitized, "one thread simulates all others")) struct BrokenConditionTests {
  @Test func gettingInLineAfterUnlocking() throws {
    let code = ConditionCode(wait: { me, parker, deadline throws(Suspended) in
      try ConditionCode.unlock(me)
      try ConditionCode.arrive(me, parker)
      let isNotified = try ConditionCode.park(me, parker, deadline)
      try ConditionCode.lock(me)
      return isNotified
    })
    try expectViolation("deadlock", code.market(consumers: [.never], portions: [1]))
  }

  @Test func sleepingWithTheMutexHeld() throws {
    let code = ConditionCode(wait: { me, parker, deadline throws(Suspended) in
      try ConditionCode.arrive(me, parker)
      return try ConditionCode.park(me, parker, deadline)
    })
    try expectViolation("deadlock", code.market(consumers: [.never], portions: [1]))
  }

  @Test func returningWithoutTheMutex() throws {
    let code = ConditionCode(wait: { me, parker, deadline throws(Suspended) in
      try ConditionCode.arrive(me, parker)
      try ConditionCode.unlock(me)
      return try ConditionCode.park(me, parker, deadline)
    })
    try expectViolation(
      "returned while the notifier holds the mutex", code.market(consumers: [.never], portions: [1]))
  }

  @Test func countingANotifiedWaiterAsTimedOut() throws {
    let code = ConditionCode(wait: { me, parker, deadline throws(Suspended) in
      try ConditionCode.arrive(me, parker)
      try ConditionCode.unlock(me)
      let isWoken = try me.word(parker).parkerPark(until: deadline)
      if !isWoken { try me.step("leaves the line") { $0.line.withdraw(parker) ? 1 : 0 } }
      try ConditionCode.lock(me)
      return isWoken
    })
    try expectViolation("but notified", code.waits([.never, .sometime], notify: [1]))
  }

  @Test func stayingInLineAfterTheDeadline() throws {
    let code = ConditionCode(wait: { me, parker, deadline throws(Suspended) in
      try ConditionCode.arrive(me, parker)
      try ConditionCode.unlock(me)
      let isWoken = try me.word(parker).parkerPark(until: deadline)
      try ConditionCode.lock(me)
      return isWoken
    })
    try expectViolation("somebody is left in line", code.waits([.never, .sometime], notify: [1]))
  }

  @Test func wakingWithoutRemoving() throws {
    let code = ConditionCode(notify: { me, count throws(Suspended) in
      let first = try me.step("looks who waits") { shop in
        shop.admit(count) { line in Array(line.waiting.prefix(count)) }
      }
      try ConditionCode.wake(me, [Int](packed: first))
    })
    try expectViolation("does not stand in line", code.waits([.never, .never], notify: [1, 1]))
  }

  @Test func wakingBeforeRemoving() throws {
    let code = ConditionCode(notify: { me, count throws(Suspended) in
      let first = try me.step("looks who waits") { $0.line.waiting.prefix(count).map(\.self).packed }
      try ConditionCode.wake(me, [Int](packed: first))
      try me.step("removes as many") { shop in shop.admit(count) { line in line.admit(first: count) } }
    })
    try expectViolation("does not stand in line", code.waits([.never, .sometime], notify: [1]))
  }

  @Test func admittingWithoutWaking() throws {
    let code = ConditionCode(notify: { me, count throws(Suspended) in
      try me.step("admits") { shop in shop.admit(count) { line in line.admit(first: count) } }
    })
    try expectViolation("deadlock", code.market(consumers: [.never], portions: [1]))
  }

  @Test func admittingTheLastToCome() throws {
    let code = ConditionCode(notify: { me, count throws(Suspended) in
      let last = try me.step("admits the last") { shop in
        shop.admit(count) { line in
          let last = Array(line.waiting.suffix(count))
          return last.filter { line.withdraw($0) }
        }
      }
      try ConditionCode.wake(me, [Int](packed: last))
    })
    try expectViolation("waited longest", code.waits([.never, .never], notify: [1, 1]))
  }

  @Test func admittingAllInsteadOfOne() throws {
    let code = ConditionCode(notify: { me, count throws(Suspended) in
      let all = try me.step("admits all") { shop in
        shop.admit(count) { line in line.admit(first: line.waiting.count) }
      }
      try ConditionCode.wake(me, [Int](packed: all))
    })
    try expectViolation("waited longest", code.waits([.never, .never], notify: [1, 1]))
  }

  @Test func admittingFewerThanAsked() throws {
    let code = ConditionCode(notify: { me, count throws(Suspended) in
      let first = try me.step("admits one") { shop in shop.admit(count) { line in line.admit(first: 1) } }
      try ConditionCode.wake(me, [Int](packed: first))
    })
    try expectViolation("waited longest", code.waits([.never, .never], notify: [2]))
  }
}
