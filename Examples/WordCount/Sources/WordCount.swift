import ArgumentParser
import Glibc
import Parallel

/// Counts the words of all text files below some folders, on all processors.
///
/// The program shows what a pool of worker processes is for: a file that makes its task crash is one line of the
/// report, and all other files are counted.
@main
struct WordCount: AsyncParsableCommand {
  @OptionGroup var arguments: Arguments

  static let configuration = CommandConfiguration(
    commandName: "wordcount",
    abstract: "Counts the words of all text files below some folders, in worker processes.",
    discussion: """
      Hidden folders are left out, and so is what is no UTF-8 text. Symbolic links below a PATH are not followed.

      Exit status: 0 if all went well, 1 if some files could not be counted, 2 for bad arguments.
      """)

  func run() async throws {
    let walk = FolderWalk(arguments.roots)
    let tasks = walk.lazy.map { [crashOn = arguments.crashOn] place in
      CountWords(file: place.path, mustCrash: crashOn.map(place.matches) ?? false)
    }

    var totals = Totals()
    var progress = ProgressDisplay(roots: arguments.roots)
    let clock = ContinuousClock()
    let start = clock.now
    let workers = try await withProcessPool(workers: arguments.workers) { pool in
      // Folders are walked while files are counted, never further ahead than the window of `results`.
      for try await item in pool.results(of: tasks, order: .completion) {
        totals.add(item.result, of: item.input.file)
        progress.update(totals)
      }
      return pool.workerCount
    }
    progress.finish()

    for (path, error) in walk.failures { totals.addFailure(of: path, error) }
    let report = Report(totals: totals, duration: clock.now - start, workers: workers)
    print(report.text(top: arguments.top, listsSkipped: arguments.verbose), terminator: "")
    guard fflush(nil) == 0 else {
      writeToStandardError("wordcount: the report could not be written: \(Errno(rawValue: errno))\n")
      throw ExitCode.failure
    }
    if !totals.failed.isEmpty { throw ExitCode.failure }
  }
}
