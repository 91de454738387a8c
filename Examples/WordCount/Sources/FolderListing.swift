import Glibc
import Parallel

/// The names in one folder, and what they stand for.
struct FolderListing {
  private(set) var files: [FilePath] = []
  private(set) var folders: [FilePath] = []

  /// Leaves out hidden folders, symbolic links, pipes, sockets and devices. Throws `Errno`.
  init(of folder: FilePath) throws {
    guard let stream = folder.withPlatformString({ opendir($0) }) else { throw Errno(rawValue: errno) }
    defer { closedir(stream) }
    errno = 0
    while let entry = readdir(stream) {
      try add(Self.name(of: entry), type: Int(entry.pointee.d_type), in: folder)
      errno = 0
    }
    guard errno == 0 else { throw Errno(rawValue: errno) }
  }

  private mutating func add(_ name: FilePath, type: Int, in folder: FilePath) throws {
    switch try Self.kind(type, of: folder.pushing(name)) {
    case .file: files.append(name)
    case .folder where !name.string.hasPrefix("."): folders.append(name)
    default: break
    }
  }

  /// As bytes: a name need not be text.
  private static func name(of entry: UnsafeMutablePointer<dirent>) -> FilePath {
    // By its address: the field is declared longer than the system's memory for it may be.
    let name = UnsafeRawPointer(entry) + MemoryLayout<dirent>.offset(of: \.d_name)!
    return FilePath(platformString: name.assumingMemoryBound(to: CChar.self))
  }

  private static func kind(_ type: Int, of path: FilePath) throws -> FileKind {
    switch type {
    case Int(DT_REG): return .file
    case Int(DT_DIR): return .folder
    case Int(DT_LNK): return .symbolicLink
    case Int(DT_UNKNOWN):
      // Not all file systems tell. A file that has vanished meanwhile is not there to be counted.
      do {
        return try FileKind(ofEntryAt: path)
      } catch let error as Errno where error == .noSuchFileOrDirectory {
        return .other
      }
    default: return .other
    }
  }
}
