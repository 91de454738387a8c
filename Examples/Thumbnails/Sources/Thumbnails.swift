import ArgumentParser
import Glibc
import Parallel

/// Makes small versions of pictures, on all processors.
///
/// Decoders of other people's files are what a pool of worker processes is for: a picture that makes the decoder trap
/// costs its own thumbnail and no other, and the report says which one it was and why.
@main
struct Thumbnails: AsyncParsableCommand {
  @OptionGroup var arguments: Arguments

  static let configuration = CommandConfiguration(
    commandName: "thumbnails",
    abstract: "Makes thumbnails of pictures (PPM, PGM, BMP), as PNG, in worker processes.",
    discussion: """
      To see a decoder crash: `thumbnails --make-samples pictures`, then `thumbnails pictures/*`.

      Exit status: 0 if all went well, 1 if some pictures have no thumbnail, 64 for bad arguments.
      """)

  func run() async throws {
    if let folder = arguments.makeSamples { return try Samples.write(to: FilePath(folder)) }
    let target = FilePath(arguments.to)
    try makeFolder(target)
    let tasks = arguments.pictures.map { MakeThumbnail(of: FilePath($0), in: target, size: arguments.size) }
    let bar = ProgressBar("thumbnails", visibility: arguments.quiet ? .never : .onTerminal)
    let results = try await withProcessPool(workers: arguments.workers) { pool in
      // Pictures are long work and differ much: a worker is given one at a time.
      try await pool.mapResults(tasks, batch: .size(1), onProgress: bar.update)
    }
    bar.finish()
    if report(zip(tasks, results)) > 0 { throw ExitCode.failure }
  }

  /// Prints a line for each picture; returns how many have no thumbnail.
  private func report(
    _ finished: some Sequence<(MakeThumbnail, Result<MakeThumbnail.Output, any Error>)>
  ) -> Int {
    var failed = 0
    for (task, result) in finished {
      switch result {
      case .success(let size):
        if !arguments.quiet { print("\(task.target)  \(size.width) × \(size.height)") }
      case .failure(let error):
        failed += 1
        print("failed  \(task.source)  \(reason(error))")
      }
    }
    return failed
  }
}
