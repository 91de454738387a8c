import ArgumentParser
import Parallel

/// What the user asked for.
struct Arguments: ParsableArguments {
  @Option(parsing: .unconditional, help: "How many worker processes; by default one for each processor.")
  var workers: Int?

  @Option(parsing: .unconditional, help: "How many of the most frequent words to list.")
  var top = 20

  @Option(help: ArgumentHelp("Let the task crash on files with such a name or path.", valueName: "glob"))
  var crashOn: String?

  @Option(help: ArgumentHelp("Let each file take so much longer, to try Ctrl-C.", valueName: "milliseconds"))
  var delay = 0

  @Flag(help: "List the files that are no text, too.")
  var verbose = false

  @Argument(help: ArgumentHelp("Files and folders to read.", valueName: "path"))
  var paths = ["."]

  var roots: [FilePath] { paths.map { FilePath($0) } }

  /// More would be a slip of the keyboard.
  private static let mostWorkers = 1024

  /// Finds mistakes before any work begins.
  func validate() throws {
    if let workers, !(1...Self.mostWorkers).contains(workers) {
      throw ValidationError("--workers must be from 1 to \(Self.mostWorkers), not \(workers).")
    }
    guard top >= 0 else { throw ValidationError("--top must not be negative, as \(top) is.") }
    guard delay >= 0 else { throw ValidationError("--delay must not be negative, as \(delay) is.") }
    for root in roots { try check(root) }
  }

  private func check(_ root: FilePath) throws {
    let kind: FileKind
    do { kind = try FileKind(of: root) } catch { throw ValidationError("\(root.printable): \(error).") }
    guard kind == .file || kind == .folder else {
      throw ValidationError("\(root.printable): neither a file nor a folder.")
    }
  }
}
