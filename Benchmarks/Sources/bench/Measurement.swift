import Glibc

/// One line of output: a name, a unit, and how to get one value.
struct Measurement: Sendable {
  /// Fewer runs than this have no median worth its name.
  static let runs = 5

  /// One value, and what it took of the processors, of all processes together, where that is asked for.
  struct Sample {
    var value: Double
    /// In microseconds a task.
    var processorTime: Double?
  }

  let name: String
  let unit: String
  let sample: @Sendable () throws -> Sample

  init(name: String, unit: String, measure: @escaping @Sendable () throws -> Double) {
    self.init(name: name, unit: unit) { Sample(value: try measure()) }
  }

  init(name: String, unit: String, sample: @escaping @Sendable () throws -> Sample) {
    self.name = name
    self.unit = unit
    self.sample = sample
  }

  /// Measures and prints the medians; processor time under the same name with `cpu.` before its last part. `BENCH_RUNS`
  /// in the environment sets the number of runs.
  func report() throws {
    let runs = getenv("BENCH_RUNS").flatMap { Int(String(cString: $0)) } ?? Self.runs
    let samples = try (0..<max(runs, 1)).map { _ in try sample() }
    print("\(name)\t\(significant(median(samples.map(\.value))))\t\(unit)")
    let times = samples.compactMap(\.processorTime)
    if !times.isEmpty, let dot = name.lastIndex(of: ".") {
      print("\(name[..<dot]).cpu\(name[dot...])\t\(significant(median(times)))\tus/task")
    }
    fflush(nil)
  }
}

private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

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
