import FlyingFox
import FlyingSocks
import Foundation
import Parallel

/// Answers requests; what is risky about them happens in the pool.
struct UploadService: Sendable {
  /// A table of more than a megabyte is none that the server was made for.
  private static let longestUpload = 1 << 20

  let pool: ProcessPool

  /// A server on the loopback interface.
  func server(port: UInt16) async throws -> HTTPServer {
    let server = HTTPServer(address: try .inet(ip4: "127.0.0.1", port: port), logger: .disabled)
    await server.appendRoute("POST /upload") { await upload($0) }
    await server.appendRoute("GET /pid") { _ in
      response(.ok, "\(ProcessInfo.processInfo.processIdentifier)")
    }
    return server
  }

  /// 200 with the sums; 422 with the runtime's message where the upload has crashed its parser.
  private func upload(_ request: HTTPRequest) async -> HTTPResponse {
    do {
      guard let length = request.headers[.contentLength].flatMap(Int.init) else {
        return response(.lengthRequired, "say how long the upload is")
      }
      guard length <= Self.longestUpload else { return response(.payloadTooLarge, "the upload is too long") }
      let table = Array(try await request.bodyData)
      let output = try await pool.run(ParseUpload(table: table))
      return response(.ok, "rows \(output.rows), total \(output.total)")
    } catch let failure as WorkerFailure {
      guard let report = failure.crashReport else { return response(.internalServerError, "\(failure)") }
      return response(.unprocessableContent, report.message ?? report.description)
    } catch let error as ParallelError where error.code == .overloaded || error.code == .shutDown {
      return response(.serviceUnavailable, "\(error)")
    } catch {
      return response(.internalServerError, "\(error)")
    }
  }

  private func response(_ status: HTTPStatusCode, _ text: String) -> HTTPResponse {
    HTTPResponse(
      statusCode: status, headers: [.contentType: "text/plain; charset=utf-8"], body: Data((text + "\n").utf8)
    )
  }
}
