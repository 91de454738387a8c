internal import CParallel
import Glibc
package import SystemPackage

extension SystemCalls {
  /// Anonymous shared memory of a fixed size, reserved, so that lack of space is an error here and not a `SIGBUS` later.
  ///
  /// Source: `memfd_create(2)`, `posix_fallocate(3)`.
  package static func createMemory(name: String, size: Int) throws(Errno) -> FileDescriptor {
    let descriptor = FileDescriptor(rawValue: try retrying(.createMemory) { parallel_create_memory(name) })
    do throws(Errno) {
      // posix_fallocate returns its error instead of setting errno.
      _ = try retrying(.allocate) {
        errno = posix_fallocate(descriptor.rawValue, 0, size)
        return errno == 0 ? CInt(0) : -1
      }
      _ = try retrying(.seal) { parallel_seal_size(descriptor.rawValue) }
    } catch {
      close(descriptor)
      throw error
    }
    return descriptor
  }

  /// Maps shared memory for reading and writing. Source: `mmap(2)`.
  package static func map(
    _ descriptor: FileDescriptor, size: Int
  ) throws(Errno) -> UnsafeMutableRawBufferPointer {
    try map(size: size, flags: MAP_SHARED, descriptor: descriptor.rawValue)
  }

  /// Memory of whole pages, zeroed, seen by this process only. Source: `mmap(2)`.
  package static func mapPrivate(size: Int) throws(Errno) -> UnsafeMutableRawBufferPointer {
    try map(size: size, flags: MAP_PRIVATE | MAP_ANONYMOUS, descriptor: -1)
  }

  private static func map(
    size: Int, flags: CInt, descriptor: CInt
  ) throws(Errno) -> UnsafeMutableRawBufferPointer {
    var address: UnsafeMutableRawPointer?
    _ = try retrying(.map) {
      address = mmap(nil, size, PROT_READ | PROT_WRITE, flags, descriptor, 0)
      return address == MAP_FAILED ? -1 : CInt(0)
    }
    return UnsafeMutableRawBufferPointer(start: address, count: size)
  }

  /// Takes a mapping away. Source: `munmap(2)`.
  package static func unmap(_ memory: UnsafeMutableRawBufferPointer) {
    munmap(memory.baseAddress!, memory.count)
  }
}
