import ArgumentParser

/// What the user asked for.
struct Arguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write pictures to try the program with, a corrupt one among them.", valueName: "folder"))
  var makeSamples: String?

  @Option(help: ArgumentHelp("Where the thumbnails go.", valueName: "folder"))
  var to = "thumbnails"

  @Option(parsing: .unconditional, help: "Longest side of a thumbnail, in pixels.")
  var size = 128

  @Option(parsing: .unconditional, help: "How many worker processes; by default one for each processor.")
  var workers: Int?

  @Flag(help: "Show neither a progress bar nor what went well.")
  var quiet = false

  @Argument(help: ArgumentHelp("Pictures to read.", valueName: "picture"))
  var pictures: [String] = []

  /// More would be a slip of the keyboard.
  private static let mostWorkers = 1024
  private static let largestSize = 4096

  /// Finds mistakes before any work begins.
  func validate() throws {
    if let workers, !(1...Self.mostWorkers).contains(workers) {
      throw ValidationError("--workers must be from 1 to \(Self.mostWorkers), not \(workers).")
    }
    guard (1...Self.largestSize).contains(size) else {
      throw ValidationError("--size must be from 1 to \(Self.largestSize), not \(size).")
    }
    if makeSamples == nil, pictures.isEmpty { throw ValidationError("no pictures to make thumbnails of.") }
  }
}
