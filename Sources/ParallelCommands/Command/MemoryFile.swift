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
      var written = 0
      while written < bytes.count {
        let count = bytes.withUnsafeBytes { bytes in
          Result { () throws(Errno) in
            try SystemCalls.write(file, UnsafeRawBufferPointer(rebasing: bytes[written...]))
          }
        }
        written += try count.get()
      }
    }
    lseek(file.rawValue, 0, SEEK_SET)
    return file
  }
}
