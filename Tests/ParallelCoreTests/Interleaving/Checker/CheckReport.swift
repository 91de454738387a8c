/// How much was looked at.
struct CheckReport: CustomStringConvertible {
  var states = 0
  var moves = 0
  /// How many different orders of steps there are, from the beginning to the end; a Double, for there are many.
  var schedules = 0.0
  /// The number of steps of the longest of them.
  var longest = 0

  var description: String {
    let exactly = schedules < 1e15 ? "\(Int(schedules))" : "\(schedules)"
    return "\(exactly) schedules of up to \(longest) steps, \(states) states, \(moves) moves"
  }
}

/// A schedule that goes wrong.
struct Violation: Error, CustomStringConvertible {
  var message: String
  /// All that happened, in order.
  var schedule: [String]

  var description: String {
    let lines = schedule.enumerated().map { "  \($0.offset + 1). \($0.element)" }
    return (["violation: \(message), after"] + lines).joined(separator: "\n")
  }
}
