import Foundation

/// One run of the built program, as a user would start it.
struct ProgramRun {
  var output: String
  var errors: String
  var status: Int32

  /// The program stands where the tests' own executable does.
  private static let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("thumbnails")

  /// Generous: it only ends what would hang for ever.
  private static let limit = 120.0

  init(_ arguments: [String], in folder: ScratchFolder) async throws {
    let process = Process()
    process.executableURL = Self.program
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    let files = ScratchFolder()
    (process.standardOutput, process.standardError) = (try files.newFile("out"), try files.newFile("err"))
    await withCheckedContinuation { (ended: CheckedContinuation<Void, Never>) in
      process.terminationHandler = { _ in ended.resume() }
      do { try process.run() } catch { preconditionFailure("\(Self.program.path): \(error)") }
      let number = process.processIdentifier
      DispatchQueue.global().asyncAfter(deadline: .now() + Self.limit) { [weak process] in
        if process?.isRunning ?? false { kill(number, SIGKILL) }
      }
    }
    status = process.terminationStatus
    output = String(decoding: try files.read("out"), as: UTF8.self)
    errors = String(decoding: try files.read("err"), as: UTF8.self)
  }
}
