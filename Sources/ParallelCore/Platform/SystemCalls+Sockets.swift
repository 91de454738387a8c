internal import CParallel
import Glibc
package import SystemPackage

extension SystemCalls {
  /// The most descriptors that travel with one message.
  package static var maxPassedDescriptors: Int { Int(PARALLEL_MAX_PASSED_DESCRIPTORS) }

  /// Two connected stream sockets, closed on exec. Source: `socketpair(2)`.
  package static func socketPair() throws(Errno) -> (FileDescriptor, FileDescriptor) {
    var ends: [CInt] = [-1, -1]
    let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    _ = try retrying(.socketPair) { socketpair(AF_UNIX, type, 0, &ends) }
    return (FileDescriptor(rawValue: ends[0]), FileDescriptor(rawValue: ends[1]))
  }

  /// Sends some of `head` followed by `body`, with descriptors; returns how many bytes went. Never raises `SIGPIPE`.
  ///
  /// The receiver gets the descriptors with the first byte. Source: `sendmsg(2)`.
  package static func send(
    _ socket: FileDescriptor, head: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer,
    descriptors: [FileDescriptor] = [], blocking: Bool
  ) throws(Errno) -> Int {
    let flags = blocking ? 0 : CInt(MSG_DONTWAIT)
    return try retrying(.send) {
      if descriptors.isEmpty {
        return parallel_send(
          socket.rawValue, head.baseAddress, head.count, body.baseAddress, body.count, nil, 0, flags)
      }
      let numbers = descriptors.map(\.rawValue)
      return parallel_send(
        socket.rawValue, head.baseAddress, head.count, body.baseAddress, body.count, numbers, numbers.count,
        flags)
    }
  }

  /// Receives some bytes, and appends the descriptors that come with them; 0 at the end of the stream.
  ///
  /// Throws `EMSGSIZE` when descriptors were lost because this process has no room for more. Source: `recvmsg(2)`.
  package static func receive(
    _ socket: FileDescriptor, into buffer: UnsafeMutableRawBufferPointer, descriptors: inout [FileDescriptor],
    blocking: Bool
  ) throws(Errno) -> Int {
    try withUnsafeTemporaryAllocation(of: CInt.self, capacity: maxPassedDescriptors) {
      numbers throws(Errno) in
      var count = 0
      var isTruncated = false
      let flags = blocking ? 0 : CInt(MSG_DONTWAIT)
      let received = try retrying(.receive) {
        count = numbers.count
        return parallel_receive(
          socket.rawValue, buffer.baseAddress, buffer.count, numbers.baseAddress, &count, &isTruncated, flags)
      }
      for number in numbers[..<count] { descriptors.append(FileDescriptor(rawValue: number)) }
      if isTruncated { throw .messageTooLong }
      return received
    }
  }

  /// Ends both directions of a stream; readers at both ends see its end. Source: `shutdown(2)`.
  package static func endStream(_ socket: FileDescriptor) {
    // Fails only for a stream that has ended already.
    _ = shutdown(socket.rawValue, CInt(SHUT_RDWR))
  }

  /// Ends the direction away from here; the reader at the other end sees it. Source: `shutdown(2)`.
  package static func endSending(_ socket: FileDescriptor) {
    _ = shutdown(socket.rawValue, CInt(SHUT_WR))
  }
}
