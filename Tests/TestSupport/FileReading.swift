import ParallelCore
package import SystemPackage

/// A file's text, also of files in `/proc`, which have no size; nil where it can't be read.
package func contents(of path: FilePath) -> String? { SystemCalls.contents(of: path) }

/// What is left to read in a file or pipe, to its end.
package func text(from file: FileDescriptor) throws -> String {
  var bytes: [UInt8] = []
  let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
  defer { chunk.deallocate() }
  while true {
    let count = try file.read(into: chunk)
    if count == 0 { return String(decoding: bytes, as: UTF8.self) }
    bytes += chunk[..<count]
  }
}

/// The names in a folder, without `.` and `..`; none where it can't be read.
package func names(in folder: FilePath) -> [String] { SystemCalls.names(in: folder) }
