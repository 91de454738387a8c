import Foundation

/// The built server, running for one test.
final class RunningServer {
  private static let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("upload-server")

  private let process = Process()
  let client: HTTPClient

  struct NotStarted: Error { var output: String }

  init() async throws {
    let output = Pipe()
    process.executableURL = Self.program
    process.arguments = ["--port", "0", "--workers", "2"]
    process.standardOutput = output
    // The backtraces of crashes are not what is tested.
    process.standardError = FileHandle.nullDevice
    try process.run()
    // One line, in one piece.
    let line = await onThread { String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) }
    guard let port = line.split(separator: ":").last.flatMap({ UInt16($0.dropLast()) }) else {
      process.terminate()
      throw NotStarted(output: line)
    }
    client = HTTPClient(port: port)
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  var processIdentifier: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }

  /// Ends it as Ctrl-C does; returns the signal that it says it has ended by.
  func interrupted() async -> Int32 {
    kill(process.processIdentifier, SIGINT)
    let process = process
    await onThread { process.waitUntilExit() }
    return process.terminationStatus
  }
}

/// Runs what blocks where it harms nobody.
func onThread<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
  await withCheckedContinuation { continuation in
    Thread { continuation.resume(returning: body()) }.start()
  }
}
