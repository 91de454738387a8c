import Foundation

/// One run of the built program, as a user would start it.
struct ProgramRun {
  var output: String
  var errors: String
  var status: Int32

  /// The program stands where the tests' own executable does.
  static let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("wordcount")

  /// Generous: it only ends what would hang for ever.
  private static let limit = 120.0

  init(_ arguments: String..., in folder: ScratchFolder) async throws {
    try await self.init(arguments, in: folder)
  }

  /// `output` is where standard output goes instead of into `self.output`.
  init(_ arguments: [String], in folder: ScratchFolder, writingTo output: String? = nil) async throws {
    let process = Process()
    process.executableURL = Self.program
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    let files = ScratchFolder()
    let streams = try ["out", "err"].map {
      try FileHandle(forWritingTo: URL(fileURLWithPath: files.write("", to: $0)))
    }
    (process.standardOutput, process.standardError) = (streams[0], streams[1])
    if let output { process.standardOutput = FileHandle(forWritingAtPath: output) }
    await withCheckedContinuation { (ended: CheckedContinuation<Void, Never>) in
      process.terminationHandler = { _ in ended.resume() }
      do { try process.run() } catch { preconditionFailure("\(Self.program.path): \(error)") }
      let number = process.processIdentifier
      DispatchQueue.global().asyncAfter(deadline: .now() + Self.limit) { [weak process] in
        if process?.isRunning ?? false { kill(number, SIGKILL) }
      }
    }
    status = process.terminationStatus
    self.output = try String(contentsOfFile: files.path + "/out", encoding: .utf8)
    errors = try String(contentsOfFile: files.path + "/err", encoding: .utf8)
  }

  /// The lines of the report as cells.
  var rows: [[String]] {
    output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
  }

  /// The number behind a label of the summary.
  func total(_ label: String) -> Int? {
    output.split(separator: "\n").first { $0.hasPrefix(label + " ") }?.split(separator: " ").last.flatMap {
      Int($0)
    }
  }

  /// The table of frequent words.
  var words: [String: Int] {
    let top = rows.prefix { $0.count == 2 && Int($0[0]) != nil }
    return Dictionary(top.map { ($0[1], Int($0[0])!) }) { first, _ in first }
  }

  /// The lines about what failed.
  var failures: [String] {
    output.split(separator: "\n").map(String.init).filter {
      $0.hasPrefix("failed  ") && Int($0.split(separator: " ").last!) == nil
    }
  }
}
