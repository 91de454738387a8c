internal import Glibc
internal import SystemPackage

/// The system calls the coder needs for descriptors.
enum DescriptorCalls {
  /// A duplicate that an `exec` closes. The corresponding C call is `fcntl(F_DUPFD_CLOEXEC)`.
  static func duplicate(_ descriptor: FileDescriptor) throws(Errno) -> FileDescriptor {
    let copy = fcntl(descriptor.rawValue, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw Errno(rawValue: errno) }
    return FileDescriptor(rawValue: copy)
  }

  /// Closes each descriptor. An error leaves nothing to do: on Linux the number is free again even after `EINTR`.
  static func close(_ descriptors: some Sequence<FileDescriptor>) {
    for descriptor in descriptors { _ = Glibc.close(descriptor.rawValue) }
  }
}
