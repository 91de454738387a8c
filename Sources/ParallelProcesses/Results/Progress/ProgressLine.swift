/// The text of a ``ProgressBar``.
struct ProgressLine {
  private static let barLength = 24

  var label: String
  var progress: PoolProgress

  var text: String {
    var parts: [String] = []
    if !label.isEmpty { parts.append(label) }
    if let total = progress.total, let fraction = progress.fraction {
      let filled = Int(fraction * Double(Self.barLength))
      let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.barLength - filled)
      // Rounded down: all is done only when all is done.
      parts.append("[\(bar)] \(Self.padded(Int(fraction * 100))) %  \(progress.finished) of \(total)")
    } else {
      parts.append("\(progress.finished) done")
    }
    return (parts.joined(separator: " ") + "  " + rest.joined(separator: "  "))
  }

  private var rest: [String] {
    var rest = [Self.rate(progress.rate), time]
    if progress.failed > 0 { rest.append("\(progress.failed) failed") }
    return rest
  }

  private var time: String {
    guard progress.total != nil, progress.fraction != 1 else { return Self.clock(progress.elapsed) }
    return progress.timeLeft.map { "\(Self.clock($0)) left" } ?? "?:?? left"
  }

  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: " ", count: max(0, 3 - digits.count)) + digits
  }

  /// Tasks a second; slow ones with a decimal.
  static func rate(_ rate: Double) -> String {
    // Beyond that it would not be a number of tasks.
    let rate = min(max(rate, 0), 1e15)
    guard rate < 9.95 else { return "\(Int(rate.rounded()))/s" }
    let tenths = Int((rate * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)/s"
  }

  /// Minutes and seconds, and hours where there are some.
  static func clock(_ duration: Duration) -> String {
    let seconds = max(0, duration.components.seconds)
    let clock = seconds % 3600 / 60
    let rest = twoDigits(seconds % 60)
    return seconds < 3600 ? "\(clock):\(rest)" : "\(seconds / 3600):\(twoDigits(clock)):\(rest)"
  }

  private static func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
