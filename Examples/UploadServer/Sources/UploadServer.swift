import ArgumentParser
import FlyingFox
import FlyingSocks
import Glibc
import Parallel

/// An HTTP server that parses uploads in worker processes: an upload that makes the parser trap gets an answer that says
/// so, and neither the server nor any other request is harmed.
@main
struct UploadServer: AsyncParsableCommand {
  @Option(help: "The port on the loopback interface; 0 takes any that is free.")
  var port: UInt16 = 8080

  @Option(parsing: .unconditional, help: "How many worker processes; by default one for each processor.")
  var workers: Int?

  /// How many uploads may wait to be parsed; further ones are told to come back.
  private static let mostPending = 1024
  private static let mostWorkers = 1024

  static let configuration = CommandConfiguration(
    commandName: "upload-server",
    abstract: "Adds up uploaded tables of `name,amount` lines, in worker processes.",
    discussion: """
      Try it: `printf 'a,1\\nb,2\\n' | curl --data-binary @- http://127.0.0.1:8080/upload`, then a table with a line that
      has no comma. Ctrl-C ends it.
      """)

  func validate() throws {
    if let workers, !(1...Self.mostWorkers).contains(workers) {
      throw ValidationError("--workers must be from 1 to \(Self.mostWorkers), not \(workers).")
    }
  }

  func run() async throws {
    do {
      try await withProcessPool(workers: workers, maxPending: Self.mostPending, whenFull: .reject) { pool in
        // Cancels the server, which ends its requests.
        try await withInterruption(of: pool) {
          try await serve(UploadService(pool: pool))
        }
      }
    } catch let interruption as Interruption {
      interruption.endProcess()
    }
  }

  private func serve(_ service: UploadService) async throws {
    let server = try await service.server(port: port)
    try await withThrowingTaskGroup { group in
      group.addTask { try await server.run() }
      try await server.waitUntilListening()
      if case .ip4(let host, port: let port)? = await server.listeningAddress {
        print("listening on http://\(host):\(port)")
      }
      // Whoever has started the program may read the line from a pipe.
      fflush(nil)
      try await group.waitForAll()
    }
  }
}
