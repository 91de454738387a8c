import Parallel

/// The task: makes the thumbnail of one picture, in a worker process.
struct MakeThumbnail: WorkerTask {
  /// The picture to read.
  var source: FilePath
  /// The PNG to write.
  var target: FilePath
  /// Longest side of the thumbnail.
  var size: Int

  init(of source: FilePath, in folder: FilePath, size: Int) {
    self.source = source
    // With the old ending, so that `a.bmp` and `a.ppm` do not meet.
    target = folder.appending((source.lastComponent?.string ?? "picture") + ".png")
    self.size = size
  }

  /// What travels back: the thumbnail's size.
  struct Output: Codable, Hashable {
    var width: Int
    var height: Int
  }

  /// Throws `Errno` and `NotAPicture`; traps on files that promise more than they hold.
  func run() throws -> Output {
    let thumbnail = try Picture(decoding: try readFile(source)).scaled(toFit: size)
    try writeFile(PNGEncoder.encode(thumbnail), to: target)
    return Output(width: thumbnail.width, height: thumbnail.height)
  }
}

/// For a crash what the runtime said last, if it said something: it names the line.
func reason(_ error: any Error) -> String {
  guard let report = (error as? WorkerFailure)?.crashReport else { return "\(error)" }
  return report.message ?? report.description
}
