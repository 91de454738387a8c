package import SystemPackage

/// Bytes in memory that another process can be given without copying them again, and that nobody can change any more.
///
/// Who sends it keeps a descriptor, to pass on as often as necessary; who receives it has it mapped.
package final class SealedMemory: @unchecked Sendable {
  // Sendable: the contents are sealed, so they are as constant as all else here.

  /// From this size on it costs less than the copying through a socket that it saves.
  package static let worthwhileSize = 256 * 1024

  /// How many bytes there are.
  package let count: Int
  /// What is passed on; nil once it was received.
  package let descriptor: FileDescriptor?
  private let memory: UnsafeMutableRawBufferPointer?

  /// Holds a message, which is written here at once. Throws `Errno` where there is no memory or no descriptor for it.
  package init(holding message: borrowing PendingMessage) throws(Errno) {
    count = message.byteCount
    memory = nil
    descriptor = try SystemCalls.createSealedMemory(name: "parallel-message", size: count) {
      file throws(Errno) in try message.write(to: file)
    }
  }

  /// Maps what was received, which need not be trusted. Owns `descriptor` from here on, also if it throws.
  package init(receiving descriptor: FileDescriptor, count: Int) throws(Errno) {
    defer { SystemCalls.close(descriptor) }
    memory = try SystemCalls.mapSealed(descriptor, size: count)
    self.descriptor = nil
    self.count = count
  }

  deinit {
    descriptor.map(SystemCalls.close)
    memory.map(SystemCalls.unmap)
  }

  /// Calls `body` with the bytes that were received; with none where they were not.
  package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    defer { withExtendedLifetime(self) {} }
    return try body(UnsafeRawBufferPointer(memory ?? UnsafeMutableRawBufferPointer(start: nil, count: 0)))
  }
}
