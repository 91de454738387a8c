internal import CParallel
import Glibc
package import SystemPackage

extension SystemCalls {
  /// A pipe, both ends closed on exec. Source: `pipe2(2)`.
  package static func pipe() throws(Errno) -> (readEnd: FileDescriptor, writeEnd: FileDescriptor) {
    var ends: [CInt] = [-1, -1]
    _ = try retrying(.pipe) { parallel_pipe(&ends) }
    return (FileDescriptor(rawValue: ends[0]), FileDescriptor(rawValue: ends[1]))
  }

  /// Asks for so much room in a pipe, in bytes. Source: `F_SETPIPE_SZ` of `fcntl(2)`.
  package static func setPipeSize(_ pipe: FileDescriptor, _ size: Int) throws(Errno) {
    _ = try retrying(.setFlags) { parallel_set_pipe_size(pipe.rawValue, Int32(clamping: size)) }
  }

  /// Whether the descriptor stands for something. Source: `F_GETFD` of `fcntl(2)`.
  package static func isOpen(_ descriptor: FileDescriptor) -> Bool {
    fcntl(descriptor.rawValue, F_GETFD) >= 0
  }

  /// A counter to wait for and to ring, never blocking, closed on exec, and never in a closed standard stream's place.
  ///
  /// Source: `eventfd(2)`.
  package static func createEvent() throws(Errno) -> FileDescriptor {
    try aboveStandardStreams(FileDescriptor(rawValue: try retrying(.createEvent) { parallel_create_event() }))
  }

  /// A descriptor that reads as empty and takes any output. Source: `open(2)` of `/dev/null`.
  package static func openNull() throws(Errno) -> FileDescriptor {
    try open("/dev/null", .readWrite)
  }

  /// A file, created with what the process's mask leaves of all permissions, closed on exec. Source: `open(2)`.
  package static func open(
    _ path: FilePath, _ mode: FileDescriptor.AccessMode, options: FileDescriptor.OpenOptions = []
  ) throws(Errno) -> FileDescriptor {
    let flags = mode.rawValue | options.rawValue | O_CLOEXEC
    return FileDescriptor(
      rawValue: try retrying(.open) { path.withPlatformString { Glibc.open($0, flags, 0o666) } })
  }

  /// How much can be read without waiting, as far as the system tells. Source: `ioctl(FIONREAD)`.
  package static func availableBytes(_ descriptor: FileDescriptor) -> Int {
    Int(parallel_available_bytes(descriptor.rawValue))
  }

  /// The same open file under a number above those of the standard streams. Closes the old one if it had such a number.
  package static func aboveStandardStreams(_ descriptor: FileDescriptor) throws(Errno) -> FileDescriptor {
    guard descriptor.rawValue <= STDERR_FILENO else { return descriptor }
    defer { close(descriptor) }
    return try duplicate(descriptor)
  }

  /// Another descriptor for the same open file, closed on exec, and never in a closed standard stream's place.
  ///
  /// Source: `fcntl(2)`.
  package static func duplicate(_ descriptor: FileDescriptor) throws(Errno) -> FileDescriptor {
    FileDescriptor(
      rawValue: try retrying(.duplicate) { fcntl(descriptor.rawValue, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) })
  }

  /// Makes calls on the descriptor return at once with `EAGAIN` instead of blocking. Source: `fcntl(2)`.
  package static func setNonBlocking(_ descriptor: FileDescriptor) throws(Errno) {
    let flags = try retrying(.setFlags) { fcntl(descriptor.rawValue, F_GETFL) }
    _ = try retrying(.setFlags) { fcntl(descriptor.rawValue, F_SETFL, flags | O_NONBLOCK) }
  }

  /// Closes the descriptor. Not retried when interrupted: on Linux it is closed in any case. Source: `close(2)`.
  package static func close(_ descriptor: FileDescriptor) {
    _ = Glibc.close(descriptor.rawValue)
  }

  /// Reads up to `buffer.count` bytes; 0 at the end. Source: `read(2)`.
  package static func read(
    _ descriptor: FileDescriptor, into buffer: UnsafeMutableRawBufferPointer
  ) throws(Errno) -> Int {
    try retrying(.read) { Glibc.read(descriptor.rawValue, buffer.baseAddress, buffer.count) }
  }

  /// Writes some of `buffer`; returns how much. Source: `write(2)`.
  package static func write(
    _ descriptor: FileDescriptor, _ buffer: UnsafeRawBufferPointer
  ) throws(Errno) -> Int {
    try retrying(.write) { Glibc.write(descriptor.rawValue, buffer.baseAddress, buffer.count) }
  }

  /// Writes all of `bytes` to a file, in as many calls as that takes.
  package static func writeAll(_ file: FileDescriptor, _ bytes: UnsafeRawBufferPointer) throws(Errno) {
    var rest = bytes[...]
    while !rest.isEmpty {
      rest = rest.dropFirst(try write(file, UnsafeRawBufferPointer(rebasing: rest)))
    }
  }

  /// Adds one to an event's counter.
  package static func ring(_ event: FileDescriptor) {
    // Fails only when the counter is at its limit, and then it is rung already.
    var one: UInt64 = 1
    _ = Glibc.write(event.rawValue, &one, 8)
  }

  /// Sets an event's counter back to zero.
  package static func silence(_ event: FileDescriptor) {
    var count: UInt64 = 0
    _ = Glibc.read(event.rawValue, &count, 8)
  }
}
