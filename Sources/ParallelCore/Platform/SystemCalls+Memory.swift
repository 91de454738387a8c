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

  /// Anonymous shared memory of so many bytes that `fill` writes, and that can't be changed any more, by nobody.
  ///
  /// They are written as to a file: a mapping would have each of its pages cleared first, and entered into a table that
  /// is thrown away. Lack of memory is an error here and not a `SIGBUS`. Source: `memfd_create(2)`, `F_SEAL_WRITE` of
  /// `fcntl(2)`.
  package static func createSealedMemory(
    name: String, size: Int, fill: (FileDescriptor) throws(Errno) -> Void
  ) throws(Errno) -> FileDescriptor {
    // Writing beyond the limit would raise `SIGXFSZ`, which ends the process.
    guard UInt64(size) <= fileSizeLimit else { throw .fileTooLarge }
    let descriptor = FileDescriptor(rawValue: try retrying(.createMemory) { parallel_create_memory(name) })
    do throws(Errno) {
      try fill(descriptor)
      _ = try retrying(.seal) { parallel_seal_contents(descriptor.rawValue) }
    } catch {
      close(descriptor)
      throw error
    }
    return descriptor
  }

  /// How large this process may make a file. Source: `getrlimit(2)`.
  private static var fileSizeLimit: UInt64 {
    var limit = rlimit()
    return getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 ? UInt64(limit.rlim_cur) : .max
  }

  /// Maps memory for reading whose contents can't change; throws `EPERM` if they could, and `EINVAL` if it has less than
  /// `size` bytes. Source: `mmap(2)`, `F_GET_SEALS` of `fcntl(2)`.
  package static func mapSealed(
    _ descriptor: FileDescriptor, size: Int
  ) throws(Errno) -> UnsafeMutableRawBufferPointer {
    guard parallel_has_sealed_contents(descriptor.rawValue) else { throw .notPermitted }
    guard lseek(descriptor.rawValue, 0, SEEK_END) >= size else { throw .invalidArgument }
    return try map(size: size, flags: MAP_SHARED, descriptor: descriptor.rawValue, protection: PROT_READ)
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
    size: Int, flags: CInt, descriptor: CInt, protection: CInt = PROT_READ | PROT_WRITE
  ) throws(Errno) -> UnsafeMutableRawBufferPointer {
    var address: UnsafeMutableRawPointer?
    _ = try retrying(.map) {
      address = mmap(nil, size, protection, flags, descriptor, 0)
      return address == MAP_FAILED ? -1 : CInt(0)
    }
    return UnsafeMutableRawBufferPointer(start: address, count: size)
  }

  /// Takes a mapping away. Source: `munmap(2)`.
  package static func unmap(_ memory: UnsafeMutableRawBufferPointer) {
    munmap(memory.baseAddress!, memory.count)
  }

  /// Asks for few large pages instead of many small ones in memory that was not touched yet and will be filled: that saves
  /// most of the time that it takes to get them. Does nothing for memory that has no room for several, or where the
  /// system has none. Source: `MADV_HUGEPAGE` of `madvise(2)`.
  package static func preferLargePages(_ memory: UnsafeMutableRawBufferPointer) {
    guard memory.count >= 4 << 20, let start = memory.baseAddress else { return }
    let page = Int(getpagesize())
    let first = start.alignedUp(toMultipleOf: page)
    madvise(first, (memory.count - (first - start)) & ~(page - 1), MADV_HUGEPAGE)
  }
}
