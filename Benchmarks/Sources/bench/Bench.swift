import Parallel

/// `bench [PREFIX…]` runs the measurements whose names begin with one of the prefixes, or all of them, and prints
/// `metric<TAB>value<TAB>unit`: the median of several runs.
///
/// Blocking calls on the main thread throughout: what is measured is the library, not a hop of Swift's runtime.
@main
struct Bench {
  // The locks first: the peers measure them uncontended in a process with one thread.
  static let measurements: [Measurement] =
    LockMeasurements.all + ThreadMeasurements.all + ProcessPoolMeasurements.all + SpawnMeasurements.all

  static func main() throws {
    let prefixes = CommandLine.arguments.dropFirst()
    let chosen = measurements.filter { measurement in
      prefixes.isEmpty || prefixes.contains { measurement.name.hasPrefix($0) }
    }
    guard !chosen.isEmpty else {
      print("bench: no measurement begins with \(prefixes.joined(separator: " or ")); there are:")
      for measurement in measurements { print("  \(measurement.name)") }
      throw ParallelError(.invalidArgument, "nothing to measure")
    }
    for measurement in chosen { try measurement.report() }
  }
}
