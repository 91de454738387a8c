import ParallelCore
import SystemPackage

/// Calls `body` with two connected sockets and closes them.
func withSocketPair(_ body: (FileDescriptor, FileDescriptor) throws -> Void) throws {
  let (left, right) = try SystemCalls.socketPair()
  defer { [left, right].forEach(SystemCalls.close) }
  try body(left, right)
}

func send(
  _ bytes: [UInt8], then more: [UInt8] = [], _ descriptors: [FileDescriptor] = [],
  over socket: FileDescriptor
) throws -> Int {
  try bytes.withUnsafeBytes { head in
    try more.withUnsafeBytes { body in
      try SystemCalls.send(socket, head: head, body: body, descriptors: descriptors, blocking: false)
    }
  }
}

func receive(
  _ count: Int, from socket: FileDescriptor
) throws -> (bytes: [UInt8], descriptors: [FileDescriptor]) {
  var bytes = [UInt8](repeating: 0, count: count)
  var descriptors: [FileDescriptor] = []
  let received = try bytes.withUnsafeMutableBytes {
    try SystemCalls.receive(socket, into: $0, descriptors: &descriptors, blocking: false)
  }
  return (Array(bytes[..<received]), descriptors)
}
