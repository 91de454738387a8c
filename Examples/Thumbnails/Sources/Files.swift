import Glibc
import Parallel

func readFile(_ path: FilePath) throws -> [UInt8] {
  // Non-blocking: a pipe must not keep a worker for ever.
  let file = try FileDescriptor.open(path, .readOnly, options: [.nonBlocking, .closeOnExec])
  return try file.closeAfter {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while case let count = try piece.withUnsafeMutableBytes({ try file.read(into: $0) }), count > 0 {
      bytes += piece[..<count]
    }
    return bytes
  }
}

func writeFile(_ bytes: [UInt8], to path: FilePath) throws {
  let file = try FileDescriptor.open(
    path, .writeOnly, options: [.create, .truncate, .closeOnExec],
    permissions: [.ownerReadWrite, .groupRead, .otherRead])
  _ = try file.closeAfter { try file.writeAll(bytes) }
}

/// It may be there already.
func makeFolder(_ path: FilePath) throws {
  let mode = mode_t(0o755)
  guard path.withPlatformString({ mkdir($0, mode) }) != 0, errno != EEXIST else { return }
  throw Errno(rawValue: errno)
}
