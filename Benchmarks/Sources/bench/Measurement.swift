import Glibc

/// One line of output: a name, a unit, and how to get one value.
struct Measurement: Sendable {
  /// Fewer runs than this have no median worth its name.
  static let runs = 5

  let name: String
  let unit: String
  let measure: @Sendable () throws -> Double

  /// Measures and prints the median. `BENCH_RUNS` in the environment sets the number of runs.
  func report() throws {
    let runs = getenv("BENCH_RUNS").flatMap { Int(String(cString: $0)) } ?? Self.runs
    let values = try (0..<max(runs, 1)).map { _ in try measure() }.sorted()
    print("\(name)\t\(significant(values[values.count / 2]))\t\(unit)")
    fflush(nil)
  }
}

/// Seconds that `body` takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = ContinuousClock.now
  try body()
  return (ContinuousClock.now - start) / .seconds(1)
}

/// Four significant digits.
private func significant(_ value: Double) -> String {
  guard value != 0, value.isFinite else { return "\(value)" }
  let digits = max(0, 3 - Int(log10(abs(value)).rounded(.down)))
  let scale = pow(10, Double(digits))
  let rounded = (value * scale).rounded() / scale
  return digits == 0 ? "\(Int(rounded))" : "\(rounded)"
}
