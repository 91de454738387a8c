import Glibc
import Parallel

/// Runs tasks in workers, one of which crashes, and says whether all came out as it should.
///
/// Arguments: `--delete-me` removes the executable's file first; `--without-bootstrap` leaves out the call that the
/// manual bootstrap needs.
@main
struct Isolation {
  static func main() async throws {
    #if MANUAL_BOOTSTRAP
      if !CommandLine.arguments.contains("--without-bootstrap") { WorkerBootstrap.runIfWorker() }
    #endif
    if CommandLine.arguments.contains("--delete-me") { try deleteExecutable() }

    let arguments = CommandLine.arguments
    try await withProcessPool(workers: 2) { pool in
      let sums = try await pool.map((0..<100).map { Add(left: $0, right: 1) })
      guard sums == Array(1...100) else { fail("wrong sums: \(sums)") }
      do {
        fail("a crash gave the result \(try await pool.run(Crash()))")
      } catch let failure as WorkerFailure {
        guard let report = failure.crashReport, report.message?.contains("as ordered") == true else {
          fail("unexpected failure: \(failure)")
        }
      }
      let seen = try await pool.run(Arguments())
      guard seen == arguments else { fail("the worker sees other arguments: \(seen)") }
    }
    print("isolation works")
  }

  private static func deleteExecutable() throws {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = readlink("/proc/self/exe", &path, path.count - 1)
    guard length > 0, unlink(path) == 0 else { fail("the executable can't be deleted") }
  }

  private static func fail(_ message: String) -> Never {
    print("isolation FAILED: \(message)")
    exit(EXIT_FAILURE)
  }
}

private struct Add: WorkerTask {
  var left: Int
  var right: Int
  func run() -> Int { left + right }
}

private struct Crash: WorkerTask {
  func run() -> Int { fatalError("as ordered") }
}

private struct Arguments: WorkerTask {
  func run() -> [String] { CommandLine.arguments }
}
