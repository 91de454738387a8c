import Glibc

/// As little of an HTTP client as the tests need: a connection for each request, over the loopback interface.
struct HTTPClient: Sendable {
  struct Response: Sendable, Equatable {
    var status: Int
    var body: String
  }

  var port: UInt16

  /// Blocks. A status of 0: there was no answer.
  func post(_ body: String) -> Response {
    exchange(
      "POST /upload HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        + body)
  }

  /// Blocks.
  func get(_ path: String) -> Response {
    exchange("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
  }

  /// Sends the text as it is.
  func exchange(_ request: String) -> Response {
    let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(connection) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected, send(connection, request, request.utf8.count, Int32(MSG_NOSIGNAL)) > 0 else {
      return Response(status: 0, body: "")
    }
    var answer: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while case let count = recv(connection, &piece, piece.count, 0), count > 0 { answer += piece[..<count] }
    return Self.parsed(String(decoding: answer, as: UTF8.self))
  }

  private static func parsed(_ answer: String) -> Response {
    let head = answer.prefix { $0 != "\r\n" }
    let status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    // Characters of Swift: a line's end is one.
    guard let end = answer.firstRange(of: "\r\n\r\n") else { return Response(status: status, body: "") }
    return Response(status: status, body: String(answer[end.upperBound...]))
  }
}
