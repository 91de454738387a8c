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

  /// Anonymous shared memory that holds a copy of `bytes` and can't be changed any more, by nobody.
  ///
  /// Lack of memory is an error here and not a `SIGBUS`. Source: `memfd_create(2)`, `MADV_POPULATE_WRITE` of `madvise(2)`,
  /// `F_SEAL_WRITE` of `fcntl(2)`.
  package static func createSealedMemory(
    name: String, holding bytes: UnsafeRawBufferPointer
  ) throws(Errno) -> FileDescriptor {
    let descriptor = FileDescriptor(rawValue: try retrying(.createMemory) { parallel_create_memory(name) })
    do throws(Errno) {
      _ = try retrying(.allocate) { ftruncate(descriptor.rawValue, bytes.count) }
      let memory = try map(descriptor, size: bytes.count)
      defer { unmap(memory) }
      try populate(memory, of: descriptor)
      memory.copyMemory(from: bytes)
    } catch {
      close(descriptor)
      throw error
    }
    do throws(Errno) {
      _ = try retrying(.seal) { parallel_seal_contents(descriptor.rawValue) }
    } catch {
      close(descriptor)
      throw error
    }
    return descriptor
  }

  private static func populate(
    _ memory: UnsafeMutableRawBufferPointer, of descriptor: FileDescriptor
  ) throws(Errno) {
    do throws(Errno) {
      _ = try retrying(.populate) { parallel_populate(memory.baseAddress, memory.count) }
    } catch .invalidArgument {
      // Before Linux 5.14.
      _ = try retrying(.allocate) {
        errno = posix_fallocate(descriptor.rawValue, 0, memory.count)
        return errno == 0 ? CInt(0) : -1
      }
    }
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
}
