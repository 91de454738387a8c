import Glibc
import ParallelCore
import SystemPackage

/// Bytes that a program can read as a file, and nobody can change.
///
/// Source: `memfd_create(2)`. Nobody has to write them while the program runs; it is no error if they are not read; and
/// the program may also seek in them.
enum MemoryFile {
  static func containing(_ bytes: [UInt8]) throws(Errno) -> FileDescriptor {
    let file = try SystemCalls.createSealedMemory(name: "parallel-command-input", size: bytes.count) {
      file throws(Errno) in
      let result = bytes.withUnsafeBytes { bytes in
        Result { () throws(Errno) in try SystemCalls.writeAll(file, bytes) }
      }
      try result.get()
    }
    lseek(file.rawValue, 0, SEEK_SET)
    return file
  }
}
