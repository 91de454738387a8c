import Glibc
import Parallel

/// The task: counts the words of one file, in a worker process.
///
/// It is declared far from any top-level code. A worker never runs `main`, so what stands in a `main.swift` would not
/// be there.
struct CountWords: WorkerTask {
  /// The file to read.
  var file: FilePath
  /// For showing what a crash does.
  var mustCrash = false
  /// For showing what an interruption does.
  var delay = Duration.zero

  /// What travels back.
  struct Output: Codable {
    /// Each word of the file, in lower case, and how often it occurs.
    var counts: [String: Int]
    /// The file's length.
    var byteCount: Int
  }

  /// The file is no text. `Codable`, so that it arrives at the caller as what it is.
  struct NotText: Error, Codable, Hashable {}

  /// Throws `Errno` if the file can't be read, and ``NotText``.
  func run() throws -> Output {
    usleep(useconds_t(clamping: Int(delay / .microseconds(1))))
    if mustCrash { fatalError("told to crash on \(file.printable)") }
    // Non-blocking, in case a pipe took the file's place after it was found.
    let descriptor = try FileDescriptor.open(file, .readOnly, options: [.nonBlocking, .closeOnExec])
    return try descriptor.closeAfter {
      guard try FileKind(of: descriptor) == .file else { throw Errno.invalidArgument }
      var counter = WordCounter()
      let byteCount = try descriptor.readText { counter.add($0) }
      return Output(counts: counter.finish(), byteCount: byteCount)
    }
  }
}
