import ParallelCore

/// What the threads around a condition share, and who has what.
struct Workshop: Hashable {
  var line = Line()
  var items = 0
  /// Whether the producer holds the mutex.
  var isBusy = false
  /// Whose waits the notifiers ended, and whose waits say that they were ended by one.
  var admitted: [Int] = []
  var notified: [Int] = []
  /// Whether each notification has admitted those who had waited longest, as many as it was to.
  var isFair = true

  /// One step of a notification: `body` returns whom it admits.
  mutating func admit(_ count: Int, _ body: (inout Line) -> [Int]) -> Int {
    let oldest = Array(line.waiting.prefix(count))
    let chosen = body(&line)
    if chosen != oldest { isFair = false }
    admitted.append(contentsOf: chosen)
    return chosen.packed
  }

  /// Notes that a wait was ended by a notifier; it does not matter in which order these return.
  mutating func note(notified parker: Int) {
    notified.append(parker)
    notified.sort()
  }
}

typealias WorkshopThread = SimulatedThread<Workshop>

/// The calls of a condition that belongs to a mutex: the right ones, or broken ones, which the checker has to find.
///
/// Word 0 is the mutex. Each wait has a parker of its own, and leaves and takes the mutex by the mutex's own code.
struct ConditionCode {
  /// To be called with the mutex held; false when the deadline came before a notification.
  var wait: (WorkshopThread, _ parker: Int, Deadline) throws(Suspended) -> Bool = {
    me, parker, deadline throws(Suspended) in
    try arrive(me, parker)
    try unlock(me)
    let isNotified = try park(me, parker, deadline)
    try lock(me)
    return isNotified
  }

  /// Ends up to so many waits; to be called with the mutex held.
  var notify: (WorkshopThread, Int) throws(Suspended) -> Void = { me, count throws(Suspended) in
    let admitted = try me.step("admits up to \(count), as 4 bits each") { shop in
      shop.admit(count) { line in line.admit(first: count) }
    }
    try wake(me, [Int](packed: admitted))
  }

  static var real: ConditionCode { ConditionCode() }

  static func lock(_ me: WorkshopThread) throws(Suspended) {
    _ = try me.call { () throws(Suspended) in try me.word(0).mutexLock() }
  }

  static func unlock(_ me: WorkshopThread) throws(Suspended) {
    _ = try me.call { () throws(Suspended) in try me.word(0).mutexUnlock() }
  }

  static func arrive(_ me: WorkshopThread, _ parker: Int) throws(Suspended) {
    try me.step("gets in line") { shop in
      shop.line.arrive(parker)
      return 0
    }
  }

  /// Sleeps; whoever was admitted at the deadline counts as notified.
  static func park(_ me: WorkshopThread, _ parker: Int, _ deadline: Deadline) throws(Suspended) -> Bool {
    try me.call { () throws(Suspended) in
      if try me.word(parker).parkerPark(until: deadline) { return true }
      return try me.step("leaves the line, if it is there") { $0.line.withdraw(parker) ? 1 : 0 } == 0
    }
  }

  static func wake(_ me: WorkshopThread, _ parkers: [Int]) throws(Suspended) {
    for parker in parkers {
      _ = try me.call { () throws(Suspended) in
        try me.word(parker).parkerUnpark()
        return true
      }
    }
  }
}
