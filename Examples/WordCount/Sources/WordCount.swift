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

      Ctrl-C ends it with a report of what was counted until then, a second Ctrl-C at once.

      Exit status: 0 if all went well, 1 if some files could not be counted, 2 for bad arguments.
      """)

  func run() async throws {
    let walk = FolderWalk(arguments.roots)
    let tasks = walk.lazy.map { [crashOn = arguments.crashOn, delay = arguments.delay] place in
      CountWords(
        file: place.path, mustCrash: crashOn.map(place.matches) ?? false, delay: .milliseconds(delay))
    }

    var totals = Totals()
    var progress = ProgressDisplay(roots: arguments.roots)
    let clock = ContinuousClock()
    let start = clock.now
    var workers = 0
    var interruption: Interruption?
    do {
      try await withProcessPool(workers: arguments.workers) { pool in
        workers = pool.workerCount
        // Not cancelled: the files that are being counted when Ctrl-C comes are counted to the end.
        try await withInterruption(of: pool, cancelsTask: false) {
          // Folders are walked while files are counted, never further ahead than the window of `results`.
          let wanted = tasks.prefix { _ in !Interruption.isUnderWay }
          for try await item in pool.results(of: wanted, order: .completion) {
            if Interruption.isUnderWay, item.result.wasNotBegun { continue }
            totals.add(item.result, of: item.input.file)
            progress.update(totals)
          }
        }
      }
    } catch let error as Interruption {
      interruption = error
    }
    progress.finish()

    for (path, error) in walk.failures { totals.addFailure(of: path, error) }
    if interruption != nil {
      writeToStandardError("wordcount: interrupted; this is what was counted until then\n")
    }
    let report = Report(totals: totals, duration: clock.now - start, workers: workers)
    print(report.text(top: arguments.top, listsSkipped: arguments.verbose), terminator: "")
    guard fflush(nil) == 0 else {
      writeToStandardError("wordcount: the report could not be written: \(Errno(rawValue: errno))\n")
      throw ExitCode.failure
    }
    interruption?.endProcess()
    if !totals.failed.isEmpty { throw ExitCode.failure }
  }
}

extension Result where Failure == any Error {
  /// Whether the pool was shut down before the task's turn came.
  fileprivate var wasNotBegun: Bool {
    guard case .failure(let error) = self else { return false }
    return error is CancellationError || (error as? ParallelError)?.code == .shutDown
  }
}
