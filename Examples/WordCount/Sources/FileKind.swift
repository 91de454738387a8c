import Glibc
import Parallel

/// What is at a path, or behind a descriptor.
enum FileKind {
  case file
  case folder
  case symbolicLink
  /// A pipe, socket or device: reading it may wait for ever.
  case other

  /// Follows symbolic links. Throws `Errno`.
  init(of path: FilePath) throws {
    self = try Self.ask { status in path.withPlatformString { stat($0, &status) } }
  }

  /// Does not follow symbolic links. Throws `Errno`.
  init(ofEntryAt path: FilePath) throws {
    self = try Self.ask { status in path.withPlatformString { lstat($0, &status) } }
  }

  /// Throws `Errno`.
  init(of file: FileDescriptor) throws {
    self = try Self.ask { status in fstat(file.rawValue, &status) }
  }

  private static func ask(_ call: (inout stat) -> CInt) throws -> FileKind {
    var status = stat()
    guard call(&status) == 0 else { throw Errno(rawValue: errno) }
    return switch status.st_mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .folder
    case S_IFLNK: .symbolicLink
    default: .other
    }
  }
}
