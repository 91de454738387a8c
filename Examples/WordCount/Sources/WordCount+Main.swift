import ArgumentParser
import Glibc

extension WordCount {
  /// The argument parser's own `main` ends with status 64 for bad arguments, where tools of this kind have 2.
  private static let badArguments: Int32 = 2

  /// Parses the arguments and runs.
  ///
  /// Not a line of this is executed in the worker processes, although each is a copy of this program.
  static func main() async {
    do {
      try await parse().run()
    } catch {
      guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
      writeToStandardError(fullMessage(for: error) + "\n")
      Glibc.exit(badArguments)
    }
  }
}
